using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;

namespace DistCache.Storage.Responses;

/// <summary>A stored response (RFC 9111): never changed; a 304 makes a new one on the same body.</summary>
public sealed class StoredResponse
{
    /// <summary>Counted for the objects around a response: this one, its key, its place in the index and in the policy.</summary>
    private const int FixedOverhead = 512;
    private const int OverheadOfField = 64;

    private long _overhead;
    private long _asOf;
    private FailedValidation? _failed;

    public required CacheKey Key { get; init; }

    public required VariantKey Variant { get; init; }

    public required int Status { get; init; }

    /// <summary>Null: the status' usual phrase.</summary>
    public string? ReasonPhrase { get; init; }

    public required FieldList Fields { get; init; }

    public required ReuseFacts Reuse { get; init; }

    public EntityTag? ETag { get; init; }

    public DateTimeOffset? LastModified { get; init; }

    public required DateTimeOffset Date { get; init; }

    /// <summary>When it was received or last confirmed, as <see cref="TimeProvider.GetTimestamp"/>: ages do not follow the wall clock.</summary>
    public required long ReceivedAt { get; init; }

    /// <summary>By what purges select it.</summary>
    public required PurgeIdentity Identity { get; init; }

    /// <summary>Purge position that it is true for: its fetch or validation started after that purge.</summary>
    public required long AsOf
    {
        get => Volatile.Read(ref _asOf);
        init => _asOf = value;
    }

    /// <summary>Complete. This response is one of its owners.</summary>
    public required Body Body { get; init; }

    /// <summary>Its last validation had no answer, or one that stale-if-error may hide; null: none has failed.</summary>
    public FailedValidation? Failed
    {
        get => Volatile.Read(ref _failed);
        set => Volatile.Write(ref _failed, value);
    }

    /// <summary>What delivery prepared once so that a hit need not; opaque here.</summary>
    public object? Prepared { get; init; }

    /// <summary>Its place in the tier; null: it has none, or has left it.</summary>
    internal Resident? Resident { get; set; }

    /// <summary>False: it has left the tier, or another response has taken its place.</summary>
    public bool IsResident => Resident is not null;

    internal bool IsVisited => Resident is { IsVisited: true };

    /// <summary>Bytes counted besides the chunks of the body.</summary>
    internal long Overhead => _overhead != 0 ? _overhead : _overhead = Measure();

    /// <summary>No purge up to <paramref name="version"/>, read before the look-up, selects it: it may be true for that one too.</summary>
    public void PassedUpTo(long version) => Volatile.Write(ref _asOf, version);

    /// <summary>The same, stale from <paramref name="resident"/> after its receipt on. Another owner of the body.</summary>
    public StoredResponse StaleSince(TimeSpan resident) => new()
    {
        Key = Key,
        Variant = Variant,
        Status = Status,
        ReasonPhrase = ReasonPhrase,
        Fields = Fields,
        Reuse = Reuse.StaleFrom(resident),
        ETag = ETag,
        LastModified = LastModified,
        Date = Date,
        ReceivedAt = ReceivedAt,
        Identity = Identity,
        AsOf = AsOf,
        Body = Body,
        Prepared = Prepared,
    };

    /// <summary>Other bytes of the same response, and the head that goes with them.</summary>
    public StoredResponse With(int status, FieldList fields, Body body, object? prepared) => new()
    {
        Key = Key,
        Variant = Variant,
        Status = status,
        Fields = fields,
        Reuse = Reuse,
        ETag = ETag,
        LastModified = LastModified,
        Date = Date,
        ReceivedAt = ReceivedAt,
        Identity = Identity,
        AsOf = AsOf,
        Body = body,
        Prepared = prepared,
    };

    private long Measure() =>
        FixedOverhead + Key.Length + Variant.Footprint + Identity.Footprint
        + Fields.Sum(line => OverheadOfField + (2L * (line.Name.Length + line.Value.Length)));
}
