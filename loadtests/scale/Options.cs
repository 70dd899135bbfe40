using System.Globalization;

namespace DistCache.LoadTests.Scale;

/// <summary>The command line.</summary>
internal sealed record Options(int[] Counts, string? Out)
{
    public const string Usage = "usage: scale [COUNT...] [--out FOLDER]     stored responses of 1 KiB; default 10000 100000 1000000. FOLDER: for scale.md and scale.svg";

    public static Options? Read(string[] args)
    {
        var (counts, folder) = (new List<int>(), default(string));
        for (var i = 0; i < args.Length; i++)
            if (args[i] == "--out" && i + 1 < args.Length)
                folder = args[++i];
            else if (int.TryParse(args[i], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
                counts.Add(count);
            else
                return null;
        return new(counts.Count > 0 ? [.. counts] : [10_000, 100_000, 1_000_000], folder);
    }
}
