using System.Globalization;
using DistCache.LoadTests.Hits.Servers;

namespace DistCache.LoadTests.Hits;

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const string Usage = """
        usage: hits [--servers NAME,...] [--cases N,... | --urls N,...] [--rounds 3] [--seconds 3] [--warm 20] [--open 2000] [--misses 200] [--out /tmp/hits]

        Servers: edge, edge-engine (its sockets polled by .NET's engine), edge-pool (socket completions on the thread pool), bare-kestrel, bare-yarp, nginx, varnish, trafficserver, haproxy. Cases: 1 to 19, in the order of Case.cs; --urls: 1 KiB over so many URLs instead.
        --warm: seconds before the first case of each kind and protocol; those that follow have two. --open: hits a second in the open loop, for each protocol of 1 KiB hot among the cases, 0: none. --misses: slow misses a second beside them, that wait for the origin, and of the edge for its shared tier, in runs of their own. Writes OUT.md, OUT.svg and OUT-open.svg.
        """;

    public Server[] Servers { get; init; } = Server.All;
    public Case[] Cases { get; init; } = Case.All;
    public int Rounds { get; init; } = 3;
    public int Seconds { get; init; } = 3;
    public int Warm { get; init; } = 20;
    public int Open { get; init; } = 2000;
    public int Misses { get; init; } = 200;
    public string Out { get; init; } = Path.Combine(Path.GetTempPath(), "hits");

    /// <summary>Null with what is wrong.</summary>
    public static Options? Read(string[] args, out string wrong)
    {
        var options = new Options();
        wrong = "";
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            if (Set(options, args[i], value) is not { } next)
            {
                wrong = $"{args[i]} {value}: not understood";
                return null;
            }
            options = next;
        }
        return options;
    }

    private static Options? Set(Options options, string name, string value)
    {
        var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        switch (name)
        {
            case "--servers":
                var servers = value.Split(',').Select(known => Array.Find(Server.All, server => server.Name == known)).ToArray();
                return servers.Contains(null) ? null : options with { Servers = servers! };
            case "--cases":
                var cases = value.Split(',').Select(text => int.TryParse(text, out var at) ? Case.All.ElementAtOrDefault(at - 1) : null).ToArray();
                return cases.Contains(null) ? null : options with { Cases = cases! };
            case "--urls":
                var urls = value.Split(',').Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0).ToArray();
                return urls.Contains(0) ? null : options with { Cases = [.. urls.Select(count => new Case(string.Create(CultureInfo.InvariantCulture, $"1 KiB, {count:N0} URLs"), 1024, count))] };
            case "--rounds" when isNumber && number > 0: return options with { Rounds = number };
            case "--seconds" when isNumber && number > 0: return options with { Seconds = number };
            case "--warm" when isNumber && number > 0: return options with { Warm = number };
            case "--open" when isNumber: return options with { Open = number };
            case "--misses" when isNumber: return options with { Misses = number };
            case "--out" when value.Length > 0: return options with { Out = value };
            default: return null;
        }
    }
}
