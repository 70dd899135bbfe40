using DistCache.Fleet.Logs;

namespace DistCache.Fleet.Following;

/// <summary>A journal that outlives the follower, not the process.</summary>
internal sealed class MemoryJournal : IJournal
{
    private readonly List<LogEntry> _entries = [];
    private (ulong Log, Cursor Start)? _begun;

    public IJournal.Kept? Read() => _begun is { } begun ? new(begun.Log, begun.Start, [.. _entries]) : null;

    public bool TryBegin(ulong log, Cursor start)
    {
        _begun = (log, start);
        _entries.Clear();
        return true;
    }

    public bool TryKeep(IReadOnlyList<LogEntry> entries)
    {
        if (entries.Count > 0)
            _entries.RemoveAll(kept => kept.At.Position >= entries[0].At.Position);
        _entries.AddRange(entries);
        return true;
    }
}
