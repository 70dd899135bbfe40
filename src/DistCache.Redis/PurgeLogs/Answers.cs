using System.Globalization;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using StackExchange.Redis;

namespace DistCache.Redis.PurgeLogs;

/// <summary>What the <see cref="Scripts"/> give. Anything of another shape throws: who asked takes it for no answer.</summary>
internal static class Answers
{
    private const int BeatDigits = 20;

    public static LogEntry Entry(RedisResult answer)
    {
        var parts = (RedisResult[])answer!;
        return Entry(parts[0], parts[1]);
    }

    public static BeatAnswer Beat(RedisResult[] answer, MembersAnswer members) => new(
        IsNew: (long)answer[0] == 1,
        Head: new((long)answer[2], EntryText.FromHex((string)answer[3]!)),
        Lowest: (long)answer[4] + 1,
        IsOn: (long)answer[5] == 1,
        Entries: [.. Pairs(answer[6]).Select(pair => Entry(pair.Second, pair.First))],
        members)
    {
        WasForgotten = (long)answer[9] == 1,
    };

    /// <summary>In order. The base, if it is among them, is no record.</summary>
    public static IReadOnlyList<LogEntry> Back(RedisResult answer) => [.. Pairs(answer).Reverse().Select(pair => EntryText.Read((long)pair.Second, (byte[])pair.First!)).OfType<LogEntry>()];

    public static IReadOnlyList<MemberRow> Rows(RedisResult answer) => [.. Pairs(answer).Select(pair => Row((string)pair.First!, (byte[])pair.Second!))];

    public static StoreFacts Facts(RedisResult answer)
    {
        var facts = (string[])answer!;
        return new(facts[0], facts[1], facts[2], facts[3]);
    }

    public static string Digits(long beat) => beat.ToString($"d{BeatDigits}", CultureInfo.InvariantCulture);

    private static LogEntry Entry(RedisResult position, RedisResult member) =>
        EntryText.Read((long)position, (byte[])member!) ?? throw new FormatException("There is something in the purge log that is no record.");

    /// <summary>A row that this program does not understand is a member's all the same: nobody knows when it may be left out.</summary>
    private static MemberRow Row(string name, byte[] value)
    {
        if (value.Length > BeatDigits && MemberRow.Read(value.AsSpan(BeatDigits)) is { } row && row.Key == name)
            return row;
        var hash = name.LastIndexOf('#');
        _ = ulong.TryParse(name.AsSpan(hash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var run);
        var beats = long.TryParse(value.AsSpan(0, Math.Min(BeatDigits, value.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var beat) ? beat : 0;
        return new() { Node = hash < 0 ? name : name[..hash], Run = run, Beat = beats, Fences = false };
    }

    private static IEnumerable<(RedisResult First, RedisResult Second)> Pairs(RedisResult answer) =>
        ((RedisResult[])answer!).Chunk(2).Select(pair => (pair[0], pair[1]));
}
