namespace DistCache.TestKit;

/// <summary>
/// Targets of one hash under functions without a seed: blocks of equal hash in every combination. Made for FNV-1a in 32 bits, Java's
/// <c>hashCode</c> and djb2, which need no more than paper.
/// </summary>
public static class Collisions
{
    /// <param name="hash">java, djb2 or fnv.</param>
    /// <param name="count">Up to 131,072.</param>
    public static IReadOnlyList<string> Of(string hash, int count) => hash switch
    {
        "java" => Combined("/", "Aa", "BB", count), // 65*31+97 = 66*31+66
        "djb2" => Combined("/", "bA", "ab", count), // 98*33+65 = 97*33+98
        _ => FnvCollisions(count),
    };

    private static string[] Combined(string start, string zero, string one, int count) =>
        [.. Enumerable.Range(0, count).Select(i => start + string.Concat(Enumerable.Range(0, 17).Select(bit => ((i >> bit) & 1) == 0 ? zero : one)))];

    /// <summary>Blocks that collide from the state that the blocks before them left: found by birthday, then combined.</summary>
    private static string[] FnvCollisions(int count)
    {
        var texts = new List<string> { "/" };
        while (texts.Count < count)
        {
            var start = Fnv(texts[0]);
            var (zero, one) = Birthday(start);
            texts = [.. texts.Select(text => text + zero), .. texts.Select(text => text + one)];
        }

        return [.. texts.Take(count)];
    }

    private static (string Zero, string One) Birthday(uint start)
    {
        var seen = new Dictionary<uint, ulong>();
        for (var number = 0x9E3779B97F4A7C15UL; ; number = (number * 6364136223846793005UL) + 1442695040888963407UL)
        {
            var hash = Fnv(Block(number), start);
            if (!seen.TryAdd(hash, number))
                return (Block(seen[hash]), Block(number));
        }
    }

    private static string Block(ulong number) => number.ToString("x16", null);

    /// <summary>FNV-1a, 32 bits.</summary>
    public static uint Fnv(string text) => Fnv(text, 2166136261);

    private static uint Fnv(string text, uint start)
    {
        foreach (var character in text)
            start = (start ^ character) * 16777619;
        return start;
    }
}
