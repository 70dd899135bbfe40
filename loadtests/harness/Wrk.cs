using System.Globalization;
using System.Text.RegularExpressions;

namespace DistCache.LoadTests;

/// <summary>Closed-loop load over HTTP/1.1 from one thread and 64 connections.</summary>
public static partial class Wrk
{
    public const string Name = "wrk";

    /// <param name="more">Further arguments.</param>
    /// <returns>Requests, and how long they took. Throws when any was not answered by 2xx.</returns>
    public static (long Requests, TimeSpan Time) Run(Uri url, TimeSpan during, params string[] more)
    {
        var seconds = ((int)Math.Ceiling(during.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var output = Tool.Run(Name, ["-t1", "-c64", $"-d{seconds}s", .. more, url.ToString()]);
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
            throw new InvalidOperationException(output);
        var match = Line().Match(output);
        return (long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)));
    }

    [GeneratedRegex(@"(\d+) requests in ([\d.]+)s")]
    private static partial Regex Line();
}
