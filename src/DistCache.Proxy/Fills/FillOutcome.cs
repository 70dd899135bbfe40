using DistCache.Proxy.Delivery;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Responses;

namespace DistCache.Proxy.Fills;

/// <summary>What a fill came to, as far as its waiters need it: known when the head is final.</summary>
internal abstract record FillOutcome
{
    /// <summary>Status that the origin gave, for fwd-status; null: it gave none.</summary>
    public int? OriginStatus { get; init; }

    /// <summary>Those that came for the leader's client alone; null: none.</summary>
    public FieldList? PrivateFields { get; init; }

    /// <summary>May be stored: everyone who may be answered by it reads along.</summary>
    /// <param name="IsKept">False: an edge of this region keeps it for all.</param>
    public sealed record Shared(StoredResponse Response, bool IsKept) : FillOutcome;

    /// <summary>Found in the shared tier, and fresh: everyone who may be answered by it reads along.</summary>
    public sealed record FromSharedTier(StoredResponse Response) : FillOutcome;

    /// <summary>May not be stored: the leader reads it alone, everyone else goes on their own.</summary>
    /// <param name="Fields">Those that only caches see as well.</param>
    /// <param name="AsOf">The purge position that it is true for.</param>
    public sealed record Private(ResponseHead Head, FieldList Fields, string Reason, bool MayHaveBody, long? ContentLength, bool EndsWithConnection, long AsOf) : FillOutcome;

    /// <summary>304: the stored response, freshened, and held for the waiters until the fill is over.</summary>
    /// <param name="Reason">Why it may not be stored, then it is the leader's alone; null: everyone's who may be answered by it.</param>
    public sealed record Freshened(StoredResponse Response, string? Reason) : FillOutcome;

    /// <summary>The origin was not asked: what it was to fetch is in memory already. Look again.</summary>
    public sealed record Superseded : FillOutcome;

    /// <summary>No answer could be had.</summary>
    /// <param name="Error">RFC 9209 §2.3.</param>
    public sealed record Failed(int Status, OriginFailure Failure, string Reason, string Error) : FillOutcome;
}
