using System.Globalization;

namespace DistCache.LoadTests.Consistency;

/// <summary>What the command line says.</summary>
/// <param name="Rounds">Of which the medians are shown.</param>
/// <param name="Seconds">Of each measurement.</param>
/// <param name="Warm">Seconds of load before the first measurement of each.</param>
/// <param name="OneWay">Milliseconds to the far log.</param>
internal sealed record Options(int Rounds, int Seconds, int Warm, int OneWay)
{
    public const string Usage = "consistency [--rounds 3] [--seconds 3] [--warm 6] [--one-way 25]";

    /// <summary>Null: it is not understood.</summary>
    public static Options? Read(string[] arguments)
    {
        var options = new Options(3, 3, 6, 25);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length || !int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out var value) || value < 1)
                return null;
            switch (arguments[i])
            {
                case "--rounds":
                    options = options with { Rounds = value };
                    break;
                case "--seconds":
                    options = options with { Seconds = value };
                    break;
                case "--warm":
                    options = options with { Warm = value };
                    break;
                case "--one-way":
                    options = options with { OneWay = value };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
