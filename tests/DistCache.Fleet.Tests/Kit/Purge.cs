using DistCache.Fleet.Logs;
using DistCache.Storage.Purging;

namespace DistCache.Fleet.Tests.Kit;

internal static class Purge
{
    public static PurgeRecord Of(string tag) => new(PurgeRecord.NewId(), [new(PurgeScope.Tag, tag), new(PurgeScope.Url, $"https://a.example/{tag}")], PurgeMode.Soft, "ops");

    /// <summary>So many, one behind the other.</summary>
    public static LogEntry[] Entries(Cursor after, int count)
    {
        var entries = new LogEntry[count];
        for (var i = 0; i < count; i++)
        {
            var record = Of($"t{after.Position + 1}");
            after = after.Next(record.Id);
            entries[i] = new(after, DateTimeOffset.UnixEpoch.AddSeconds(i), record);
        }
        return entries;
    }

    public static async Task<IReadOnlyList<LogEntry>> AllAsync(this IPurgeLog log) =>
        await log.ReadBackAsync(long.MaxValue, int.MaxValue, TestContext.Current.CancellationToken) ?? [];

    /// <summary>What people would compare; selectors are lists, which records compare by reference.</summary>
    public static string[] Lines(this IEnumerable<LogEntry> entries) =>
        [.. entries.Select(entry => $"{entry.At} {entry.Time:O} {entry.Record.Id} {entry.Record.Mode} {entry.Record.By} {string.Join(' ', entry.Record.Selectors)}")];
}
