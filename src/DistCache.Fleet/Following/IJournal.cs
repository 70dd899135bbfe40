using DistCache.Fleet.Logs;

namespace DistCache.Fleet.Following;

/// <summary>What a node has applied, on its own disk: a log that forgot it is told by it when the node starts again (rule 4).</summary>
public interface IJournal
{
    /// <summary>What was kept, in order, and of which log; null: nothing, or nothing that can be believed.</summary>
    Kept? Read();

    /// <summary>Forgets all: another log begins behind that place.</summary>
    /// <returns>False: it could not be written.</returns>
    bool TryBegin(ulong log, Cursor start);

    /// <summary>Keeps them before anybody hears that they were applied. An entry at a place that is taken replaces all from there on.</summary>
    /// <returns>False: they could not be written.</returns>
    bool TryKeep(IReadOnlyList<LogEntry> entries);

    /// <param name="Start">What lies up to here is not kept.</param>
    public sealed record Kept(ulong Log, Cursor Start, IReadOnlyList<LogEntry> Entries);
}
