using System.Globalization;

namespace DistCache.TestKit;

/// <summary>One line of CLUSTER NODES: id, address, flags, primary, pings, epoch, link, slots.</summary>
internal sealed record ClusterLine(int Port, bool IsPrimary, bool Failed, IReadOnlyList<(int First, int Last)> Slots)
{
    public static ClusterLine Parse(string line)
    {
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var port = parts[1].Split(',')[0].Split('@')[0].Split(':')[^1];
        var flags = parts[2].Split(',');
        return new ClusterLine(Number(port), flags.Contains("master"), flags.Contains("fail"), [.. parts.Skip(8).Where(IsRange).Select(Range)]);
    }

    public bool Owns(int slot) => Slots.Any(range => range.First <= slot && slot <= range.Last);

    /// <summary>What is on the move stands in brackets, besides.</summary>
    private static bool IsRange(string slots) => !slots.StartsWith('[');

    private static (int First, int Last) Range(string slots)
    {
        var ends = slots.Split('-');
        return (Number(ends[0]), Number(ends[^1]));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
