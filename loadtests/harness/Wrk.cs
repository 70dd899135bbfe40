using System.Globalization;
using System.Text.RegularExpressions;

namespace DistCache.LoadTests;

/// <summary>Closed-loop load over HTTP/1.1 from one thread and 64 connections.</summary>
public static partial class Wrk
{
    public const string Name = "wrk";

    /// <param name="more">Further arguments.</param>
    /// <returns>Requests, and how long they took. Throws when any was not answered by 2xx or 3xx.</returns>
    public static (long Requests, TimeSpan Time) Run(Uri url, TimeSpan during, params string[] more) => Run(url, during, areRefused: false, more);

    /// <param name="areRefused">All have to be answered by an error; false: none.</param>
    /// <inheritdoc cref="Run(Uri, TimeSpan, string[])"/>
    public static (long Requests, TimeSpan Time) Run(Uri url, TimeSpan during, bool areRefused, params string[] more)
    {
        var seconds = ((int)Math.Ceiling(during.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var output = Tool.Run(Name, ["-t1", "-c64", $"-d{seconds}s", .. more, url.ToString()]);
        var match = Line().Match(output);
        var refused = Refused().Match(output);
        if ((refused.Success ? refused.Groups[1].Value : "0") != (areRefused ? match.Groups[1].Value : "0") || output.Contains("Socket errors", StringComparison.Ordinal))
            throw new InvalidOperationException(output);
        return (long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)));
    }

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex Refused();

    [GeneratedRegex(@"(\d+) requests in ([\d.]+)s")]
    private static partial Regex Line();
}
