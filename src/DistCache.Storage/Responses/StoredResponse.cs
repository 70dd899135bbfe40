using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;

namespace DistCache.Storage.Responses;

/// <summary>
/// A stored response (RFC 9111): never changed; a 304 makes a new one on the same body. In the tier it lies as a record, out of which it is
/// read again when somebody asks; two that were read of one resident are the same response (<see cref="Is"/>).
/// </summary>
public sealed class StoredResponse
{
    private readonly Body _body = null!;
    private long _asOf;
    private FailedValidation? _failed;
    private Body? _rehomed;
    private Resident? _resident;

    public required CacheKey Key { get; init; }

    public required VariantKey Variant { get; init; }

    public required int Status { get; init; }

    /// <summary>Null: the status' usual phrase.</summary>
    public string? ReasonPhrase { get; init; }

    /// <summary>Protocol version that the origin's answer came by.</summary>
    public string ViaVersion { get; init; } = "1.1";

    public required FieldList Fields { get; init; }

    public required ReuseFacts Reuse { get; init; }

    public EntityTag? ETag { get; init; }

    public DateTimeOffset? LastModified { get; init; }

    public required DateTimeOffset Date { get; init; }

    /// <summary>When it was received or last confirmed, as <see cref="TimeProvider.GetTimestamp"/>: ages do not follow the wall clock.</summary>
    public required long ReceivedAt { get; init; }

    /// <summary>Of what a 304 or a HEAD has confirmed: when the origin was asked for that. What was received since says more; null: it was received as it is.</summary>
    public long? AskedAt { get; init; }

    /// <summary>From then on at the latest the origin's newest word: of two the later one stays.</summary>
    internal long SaidAt => AskedAt ?? ReceivedAt;

    /// <summary>By what purges select it.</summary>
    public required PurgeIdentity Identity { get; init; }

    /// <summary>Purge position that it is true for: its fetch or validation started after that purge.</summary>
    public required long AsOf
    {
        get => Volatile.Read(ref _asOf);
        init => _asOf = value;
    }

    /// <summary>Complete. This response is one of its owners until it is stored; then its resident is.</summary>
    public required Body Body
    {
        get => Volatile.Read(ref _rehomed) ?? _body;
        init => _body = value;
    }

    /// <summary>Its last validation had no answer, or one that stale-if-error may hide; null: none has failed.</summary>
    public FailedValidation? Failed
    {
        get
        {
            if (Resident is not { } resident || !resident.TryAcquire())
                return Volatile.Read(ref _failed);
            var failed = resident.Failed;
            resident.Release(Body.Pool);
            return failed;
        }
        set
        {
            Volatile.Write(ref _failed, value);
            if (Resident is not { } resident || !resident.TryAcquire())
                return;
            resident.Failed = value;
            resident.Release(Body.Pool);
        }
    }

    /// <summary>What delivery makes of it once so that a hit need not; opaque here, and not stored.</summary>
    public object? Prepared { get; set; }

    /// <summary>Its place in the tier, also when it has left it; null: it was never stored.</summary>
    public Resident? Resident
    {
        get => Volatile.Read(ref _resident);
        internal set => Volatile.Write(ref _resident, value);
    }

    /// <summary>Bytes counted besides the chunks of the body.</summary>
    internal long Overhead => Resident.OverheadOf(this);

    /// <summary>The same stored response, read out of its record once more.</summary>
    public bool Is(StoredResponse? other) => other is not null && (ReferenceEquals(this, other) || (Resident is { } resident && resident == other.Resident));

    /// <summary>No purge up to <paramref name="version"/>, read before the look-up, selects it: it may be true for that one too.</summary>
    public void PassedUpTo(long version)
    {
        Volatile.Write(ref _asOf, version);
        if (Resident is not { } resident || !resident.TryAcquire())
            return;
        resident.AsOf = version;
        resident.Release(Body.Pool);
    }

    /// <summary>
    /// Its body for one more owner, who releases it; null: it has left. Of a response that a 304 has made, both count: the tier's, which goes when another takes its place,
    /// and the one that it was made on, which whoever waits for it may hold.
    /// </summary>
    public Body? AcquireBody()
    {
        var body = Body;
        if (body.TryAcquire())
            return body;
        return _body.TryAcquire() ? _body : null;
    }

    /// <summary>Its body lies with another resident from now on.</summary>
    internal void Rehome(Body body) => Volatile.Write(ref _rehomed, body);

    /// <summary>The same, stale from <paramref name="resident"/> after its receipt on. Another owner of the body.</summary>
    public StoredResponse StaleSince(TimeSpan resident) => new()
    {
        Key = Key,
        Variant = Variant,
        Status = Status,
        ReasonPhrase = ReasonPhrase,
        ViaVersion = ViaVersion,
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

    /// <summary>Other bytes of the same response, and the fields that go with them.</summary>
    public StoredResponse With(int status, FieldList fields, Body body) => new()
    {
        Key = Key,
        Variant = Variant,
        Status = status,
        ViaVersion = ViaVersion,
        Fields = fields,
        Reuse = Reuse,
        ETag = ETag,
        LastModified = LastModified,
        Date = Date,
        ReceivedAt = ReceivedAt,
        Identity = Identity,
        AsOf = AsOf,
        Body = body,
    };
}
