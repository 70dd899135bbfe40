using System.Globalization;

namespace DistCache.LoadTests.FleetFloor;

/// <summary>What the command line says.</summary>
internal sealed record Options(long Reads, int Regions, int Edges, int OneWayMilliseconds, double LeaseSeconds, int Seed, bool Faults, bool Shield)
{
    public const string Usage = "fleet-floor [--reads 10000000] [--regions 3] [--edges 2] [--one-way 25] [--lease 5] [--seed N] [--calm] [--shield]";

    /// <summary>Null: it is not understood.</summary>
    public static Options? Read(string[] arguments)
    {
        var options = new Options(10_000_000, 3, 2, 25, 5, Environment.TickCount, Faults: true, Shield: false);
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--calm")
            {
                options = options with { Faults = false };
                continue;
            }

            if (arguments[i] == "--shield")
            {
                options = options with { Shield = true };
                continue;
            }

            if (i + 1 == arguments.Length || !double.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out var value))
                return null;
            switch (arguments[i++])
            {
                case "--reads":
                    options = options with { Reads = (long)value };
                    break;
                case "--regions" when value is >= 1 and <= 6:
                    options = options with { Regions = (int)value };
                    break;
                case "--edges" when value is >= 1 and <= 6:
                    options = options with { Edges = (int)value };
                    break;
                case "--one-way":
                    options = options with { OneWayMilliseconds = (int)value };
                    break;
                case "--lease" when value > 0:
                    options = options with { LeaseSeconds = value };
                    break;
                case "--seed":
                    options = options with { Seed = (int)value };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
