using DistCache.Storage.Responses;

namespace DistCache.Storage.Memory;

/// <summary>A stored response's place in the tier: what the eviction policy and the account know of it. Changed under the tier's lock, but for the bit.</summary>
internal sealed class Resident(StoredResponse response, ulong hash, long bytes, long pastUse)
{
    public StoredResponse Response { get; } = response;

    /// <summary>Of its key; its variants share it, and with it their frequency.</summary>
    public ulong Hash { get; } = hash;

    /// <summary>Everything that it takes: chunks, fields, key, bookkeeping.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>From this timestamp on no rule lets it answer, fresh or stale.</summary>
    public long PastUse { get; } = pastUse;

    /// <summary>Set by a hit, cleared by the policy's hand.</summary>
    public bool IsVisited { get; private set; }

    /// <summary>Null: it has left.</summary>
    public ResidentQueue? Queue { get; set; }

    public Resident? Before { get; set; }

    public Resident? Behind { get; set; }

    /// <summary>True when this is the first since the hand came by: then the frequency counts it too. A hot response is only read here.</summary>
    public bool Visit()
    {
        if (IsVisited)
            return false;
        IsVisited = true;
        return true;
    }

    public bool TakeVisit()
    {
        var visited = IsVisited;
        IsVisited = false;
        return visited;
    }
}
