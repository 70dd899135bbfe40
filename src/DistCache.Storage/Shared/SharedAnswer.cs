using DistCache.Storage.Keys;

namespace DistCache.Storage.Shared;

/// <summary>What is wanted of the shared tier.</summary>
public sealed record SharedQuery
{
    public required CacheKey Key { get; init; }

    /// <summary>This request's normalised value of a field, by its lower-case name; null: it has none.</summary>
    public required Func<string, string?> FieldOf { get; init; }

    /// <summary>What a fetch that starts now would be as of.</summary>
    public required long AsOf { get; init; }

    /// <summary>Where nothing is found the caller means to fetch it for its region.</summary>
    public bool WantsLease { get; init; }
}

public abstract record SharedAnswer
{
    /// <summary>A sound copy. Whether it may be used, and by whom, is for the caller to judge.</summary>
    /// <param name="AsOf">In this node's own count.</param>
    /// <param name="Residence">How long it lay there.</param>
    /// <param name="Body">To be read once.</param>
    public sealed record Found(Envelope Envelope, long AsOf, TimeSpan Residence, SharedBody Body, SharedPlace Place) : SharedAnswer
    {
        /// <summary>Its checksum: tells it from what takes its place.</summary>
        internal ReadOnlyMemory<byte> Seal { get; init; }
    }

    /// <param name="Lease">Null: none was wanted, or none could be had.</param>
    /// <param name="IsRejected">Something stood there, but it was unusable.</param>
    public sealed record Missing(RegionalLease? Lease, bool IsRejected) : SharedAnswer;

    /// <summary>Another node of the region fetches it.</summary>
    /// <param name="AsOf">Of its fetch, in this node's own count; null: later than what this node knows.</param>
    public sealed record Held(long? AsOf) : SharedAnswer;

    /// <summary>What was found is no longer there, or something else is: look again.</summary>
    public sealed record Changed : SharedAnswer;

    /// <summary>The last answer could not be shared: nobody need wait for the next.</summary>
    public sealed record Uncacheable : SharedAnswer;

    /// <summary>It cannot be asked, or did not answer in time.</summary>
    public sealed record Unavailable : SharedAnswer;
}
