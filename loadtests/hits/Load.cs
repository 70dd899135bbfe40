using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace DistCache.LoadTests.Hits;

/// <summary>Closed-loop load from one thread: wrk for HTTP/1.1, h2load for HTTP/2.</summary>
internal static partial class Load
{
    public static string? Missing(Case test) => Tool.Find(test.IsHttp2 ? "h2load" : Wrk.Name) is null ? test.IsHttp2 ? "h2load (nghttp2-client)" : Wrk.Name : null;

    /// <returns>Requests that were answered as the case wants it, and how long it took.</returns>
    public static (long Requests, TimeSpan Time) Run(Case test, Uri server, TimeSpan during, string folder) =>
        test.IsHttp2 ? RunHttp2(test, server, during, folder) : RunHttp1(test, server, during, folder);

    private static (long, TimeSpan) RunHttp1(Case test, Uri server, TimeSpan during, string folder)
    {
        var script = Path.Combine(folder, "urls.lua");
        if (test.Kind is CaseKind.Fill)
            File.WriteAllText(script, $"""
                local number = {Random.Shared.NextInt64(1L << 40) << 12}
                function request()
                  number = number + 1
                  return wrk.format("GET", string.format("/{test.Folder}/{test.Size}/%d", number))
                end
                """);
        else if (test.Urls > 1)
            File.WriteAllText(script, $$"""
                local requests = {}
                function init(args)
                  math.randomseed(1)
                  for i = 0, {{test.Urls - 1}} do requests[i] = wrk.format("GET", "/{{test.Folder}}/{{test.Size}}/" .. i) end
                end
                function request() return requests[math.random(0, {{test.Urls - 1}})] end
                """);
        else
            File.WriteAllText(script, $"wrk.method = '{test.Wish.Method}'\n");
        string[] field = test.Wish.Field is { } wish ? ["-H", wish] : [];
        return Wrk.Run(new(server, test.Path), during, test.Wish.Status >= HttpStatusCode.BadRequest, ["-s", script, .. field]);
    }

    private static (long, TimeSpan) RunHttp2(Case test, Uri server, TimeSpan during, string folder)
    {
        var urls = Path.Combine(folder, "urls");
        File.WriteAllLines(urls, Enumerable.Range(0, test.Urls).Select(number => new Uri(server, test.PathOf(number)).ToString()));
        string[] field = test.Wish.Field is { } wish ? ["-H", wish] : [];
        var output = Tool.Run("h2load", ["-t1", "-c8", "-m8", "-D", Seconds(during), .. field, "-i", urls]);
        var finished = H2Finished().Match(output);
        var succeeded = long.Parse(H2Succeeded().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        if (!finished.Success || succeeded == 0 || !output.Contains(" 0 failed", StringComparison.Ordinal))
            throw new InvalidOperationException(output);
        return (succeeded, during);
    }

    private static string Seconds(TimeSpan time) => ((int)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"finished in ")]
    private static partial Regex H2Finished();

    [GeneratedRegex(@"(\d+) succeeded")]
    private static partial Regex H2Succeeded();
}
