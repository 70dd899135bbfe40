using System.Globalization;
using System.Text.RegularExpressions;

namespace DistCache.LoadTests.Hits;

/// <summary>Closed-loop load from one thread: wrk for HTTP/1.1, h2load for HTTP/2.</summary>
internal static partial class Load
{
    public static string? Missing(Case test) => Tool.Find(test.IsHttp2 ? "h2load" : Wrk.Name) is null ? test.IsHttp2 ? "h2load (nghttp2-client)" : Wrk.Name : null;

    /// <returns>Requests that were answered by 2xx, and how long it took.</returns>
    public static (long Requests, TimeSpan Time) Run(Case test, Uri server, TimeSpan during, string folder) =>
        test.IsHttp2 ? RunHttp2(new(server, test.Path), during) : RunHttp1(test, server, during, folder);

    private static (long, TimeSpan) RunHttp1(Case test, Uri server, TimeSpan during, string folder)
    {
        var script = Path.Combine(folder, "urls.lua");
        if (test.Kind is CaseKind.Fill)
        {
            File.WriteAllText(script, $"""
                local number = {Random.Shared.NextInt64(1L << 40) << 12}
                function request()
                  number = number + 1
                  return wrk.format("GET", string.format("/{test.Folder}/{test.Size}/%d", number))
                end
                """);
            return Wrk.Run(new(server, test.Path), during, "-s", script);
        }
        if (test.Urls == 1)
            return Wrk.Run(new(server, test.Path), during);
        File.WriteAllText(script, $$"""
            local requests = {}
            function init(args)
              math.randomseed(1)
              for i = 0, {{test.Urls - 1}} do requests[i] = wrk.format("GET", "/obj/{{test.Size}}/" .. i) end
            end
            function request() return requests[math.random(0, {{test.Urls - 1}})] end
            """);
        return Wrk.Run(new(server, test.Path), during, "-s", script);
    }

    private static (long, TimeSpan) RunHttp2(Uri url, TimeSpan during)
    {
        var output = Tool.Run("h2load", "-t1", "-c8", "-m8", "-D", Seconds(during), url.ToString());
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
