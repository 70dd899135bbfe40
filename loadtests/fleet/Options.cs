using System.Globalization;

namespace DistCache.LoadTests.Fleet;

/// <summary>The command line.</summary>
internal sealed record Options(int Seconds, int Rate, int Objects, int Purges, int Seed, string? Shield, string Out)
{
    public const string Usage = """
        usage: fleet [--seconds 60] [--rate 300] [--objects 2000] [--purges 1000] [--seed 1] [--shield eu-west] [--out /tmp/fleet]

        --rate: requests a second from each of three continents. --objects: pages, asked for by Zipf's law (exponent 0.9), each continent in an order of its own.
        --shield: the region that the other two ask instead of the origin (eu-west, us-east or ap-south); without it all ask the origin.
        Writes OUT.md and OUT.svg. Exit code 1 on any failed request, wrong body, or page older than an acknowledged purge.
        """;

    public static Options? Read(string[] args)
    {
        var options = new Options(60, 300, 2000, 1000, 1, Shield: null, Path.Combine(Path.GetTempPath(), "fleet"));
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
            var next = (args[i], number) switch
            {
                ("--seconds", >= 30) => options with { Seconds = number },
                ("--rate", > 0) => options with { Rate = number },
                ("--objects", > 0 and <= short.MaxValue) => options with { Objects = number },
                ("--purges", > 0) => options with { Purges = number },
                ("--seed", _) when value.Length > 0 => options with { Seed = number },
                ("--shield", _) when Continent.All.Any(continent => continent.Region == value) => options with { Shield = value },
                ("--out", _) when value.Length > 0 => options with { Out = value },
                _ => null,
            };
            if (next is null)
                return null;
            options = next;
        }
        return options;
    }
}
