using System.Collections.Concurrent;

namespace DistCache.Storage.Shared;

/// <summary>
/// What a store that answers refuses steadily: it is full, or read-only, or this user may not. Counted for each operation, as a full store still
/// answers look-ups. Any thread.
/// </summary>
internal sealed class Refusals(TimeProvider time)
{
    /// <summary>So many of one operation, and none that succeeded since the first of them.</summary>
    public const int Steady = 10;

    /// <summary>An operation that nobody has asked for since says nothing any more.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Row> _rows = new();

    /// <summary>The store's own word for it; null: nothing is refused steadily.</summary>
    public string? Word => _rows.Values.FirstOrDefault(row => row.Count >= Steady && time.GetElapsedTime(row.LastAt) < Remembered)?.Word;

    public void Refused(string operation, string word)
    {
        var now = time.GetTimestamp();
        _rows.AddOrUpdate(operation, static (_, last) => new(1, last.word, last.now), static (_, row, last) => new(row.Count + 1, last.word, last.now), (word, now));
    }

    public void Succeeded(string operation)
    {
        if (!_rows.IsEmpty)
            _rows.TryRemove(operation, out _);
    }

    private sealed record Row(long Count, string Word, long LastAt);
}
