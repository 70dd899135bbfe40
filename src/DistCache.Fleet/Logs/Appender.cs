namespace DistCache.Fleet.Logs;

/// <summary>Appends a record and, where no answer comes, asks again with the same id: it may have been taken.</summary>
internal static class Appender
{
    private const int Attempts = 3;

    /// <param name="head">Position of the log's head as it was known before; an append looks behind it for itself.</param>
    /// <returns>Null: nobody can say whether it was taken; nothing may be acknowledged.</returns>
    public static async Task<LogEntry?> AppendAsync(IPurgeLog log, PurgeRecord record, long head, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
            if (await log.AppendAsync(record, head, cancel) is { } entry)
                return entry;
        return null;
    }
}
