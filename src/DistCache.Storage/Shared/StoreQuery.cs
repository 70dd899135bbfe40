using DistCache.Storage.Keys;

namespace DistCache.Storage.Shared;

/// <summary>One place of the shared tier.</summary>
/// <param name="Log">Id of the purge log: copies that another log judges are never met.</param>
/// <param name="Variant">What <see cref="VariantParts"/> makes of the nominated values; empty: it does not vary.</param>
public readonly record struct SharedPlace(ulong Log, CacheKey Key, string Variant);

/// <param name="Fields">Fields that may be nominated, each with its part of the variant.</param>
/// <param name="Lease">To be written where nothing is found; null: no lease is wanted.</param>
public sealed record StoreQuery(ulong Log, CacheKey Key, IReadOnlyList<KeyValuePair<string, string>> Fields, string? Lease, TimeSpan LeaseTime);

public enum StoreFound
{
    Nothing,

    /// <summary><see cref="StoreFind.Bytes"/> and how much longer they are kept.</summary>
    Envelope,

    /// <summary>Nothing, and the lease is ours.</summary>
    Leased,

    /// <summary>Nothing, and <see cref="StoreFind.Holder"/> has the lease.</summary>
    Held,

    /// <summary>It varies on names that the query did not have: they are in <see cref="StoreFind.Bytes"/>.</summary>
    UnknownNames,
}

/// <param name="Variant">Of the place that the query led to.</param>
/// <param name="Left">How much longer it is kept; negative: for ever.</param>
public readonly record struct StoreFind(StoreFound Found, string Variant = "", ReadOnlyMemory<byte> Bytes = default, TimeSpan Left = default, string? Holder = null);

/// <param name="Names">A <see cref="VaryRecord"/>; empty: it does not vary.</param>
/// <param name="Replaces">Whatever stands there: it was found unusable.</param>
/// <param name="Lease">To be released with the writing; null: there is none.</param>
public sealed record StoreWrite(SharedPlace Place, ReadOnlyMemory<byte> Envelope, ReadOnlyMemory<byte> Names, TimeSpan Keep, long Position, bool Replaces, string? Lease);

/// <param name="IsWritten">False: what stands there is as of a later place in the log.</param>
/// <param name="Replaced">First bytes of the head that stood there; empty: none.</param>
public readonly record struct StoreSet(bool IsWritten, ReadOnlyMemory<byte> Replaced = default);
