namespace DistCache.Storage.Shared;

/// <summary>The place in a purge log that a copy in the shared tier is true for (rule 16): a position alone could be used twice.</summary>
/// <param name="Log">The log's random id.</param>
/// <param name="Position">0: before its first record.</param>
/// <param name="Record">Random id of the record at that position; 0 for position 0.</param>
public readonly record struct Stamp(ulong Log, long Position, ulong Record);

/// <summary>Where a stamp stands to what this node has applied.</summary>
public enum StampPlace
{
    Known,

    /// <summary>Behind the newest record that this node has applied: it may know it soon.</summary>
    Ahead,

    /// <summary>Of another log, of a lost branch, or of a part that is trimmed: nothing can be said of it.</summary>
    Foreign,
}

/// <summary>
/// Between this node's own count of applied purges (<see cref="Responses.StoredResponse.AsOf"/>) and places in the purge log, both ways,
/// never claiming more than is known. Any thread may ask.
/// </summary>
public interface IStampClock
{
    /// <summary>Id of the log that this node follows; null: not known yet, then there is no shared tier.</summary>
    ulong? Log { get; }

    /// <summary>The last place in the log all of whose purges, and all before it, count as known to a copy as of <paramref name="asOf"/>; null: there is none.</summary>
    Stamp? StampOf(long asOf);

    /// <param name="asOf">For Known: what a copy with that stamp is as of, in this node's own count.</param>
    StampPlace PlaceOf(in Stamp stamp, out long asOf);

    /// <summary>Reads what has been appended meanwhile, once. A failure is no exception: the stamp then stays ahead.</summary>
    ValueTask CatchUpAsync(CancellationToken cancel);
}
