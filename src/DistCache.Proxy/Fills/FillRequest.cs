using DistCache.Fleet.Members;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Policies;
using DistCache.Semantics.Storing;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Proxy.Fills;

/// <summary>What to fetch, for which key, and what is stored already.</summary>
internal sealed record FillRequest
{
    public required DetachedRequest Origin { get; init; }

    public required RequestFacts Facts { get; init; }

    public required CacheKey Key { get; init; }

    public required CachePolicy Policy { get; init; }

    /// <summary>The purge position as of which its answer will be: taken before the origin is asked.</summary>
    public required long AsOf { get; init; }

    /// <summary>When <see cref="AsOf"/> was taken.</summary>
    public required long StartedAt { get; init; }

    /// <summary>Stored responses of the key that may be validated, the one that this request selects first. Empty: ask without conditions of ours.</summary>
    public StoredResponse[] Candidates { get; init; } = [];

    /// <summary>What this request selects now: outdated by an answer that may not be stored.</summary>
    public StoredResponse? Stored { get; init; }

    /// <summary>By what purges select its answer, as far as it is known without tags.</summary>
    public required PurgeIdentity Identity { get; init; }

    /// <summary>Nothing stored and the client has conditions: they go to the origin unchanged and its 304 goes back (rule 35).</summary>
    public bool KeepsConditions { get; init; }

    /// <summary>Purges may be unknown here: a copy out of the shared tier is suspect, and must be confirmed first.</summary>
    public bool IsFenced { get; init; }

    public SharedUse Shared { get; init; } = SharedUse.ReadAndLead;

    /// <summary>The edge that keeps the key for this region, which is asked first; null: this one does, or a peer takes it for that one.</summary>
    public MemberRow? Owner { get; init; }

    /// <summary>The region that is asked before the origin; null: none is.</summary>
    public string? Shield { get; init; }

    /// <summary>A stale copy out of the shared tier may be taken into memory, and everybody looks again.</summary>
    public bool MayPromote { get; init; }
}
