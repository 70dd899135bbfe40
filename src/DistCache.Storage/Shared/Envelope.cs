using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Shared;

/// <summary>A stored response as it lies in the shared tier, its body apart. <see cref="EnvelopeWriter"/> has the bytes.</summary>
public sealed record Envelope
{
    public required Stamp Stamp { get; init; }

    public required CacheKey Key { get; init; }

    /// <summary>Nominated fields and values: they decide whom it may answer, not the place where it was found.</summary>
    public required VariantKey Variant { get; init; }

    public required PurgeIdentity Identity { get; init; }

    public required int Status { get; init; }

    public string? ReasonPhrase { get; init; }

    public required FieldList Fields { get; init; }

    /// <summary>Its InitialAge is the age when it was written.</summary>
    public required ReuseFacts Reuse { get; init; }

    public required DateTimeOffset Date { get; init; }

    public DateTimeOffset? LastModified { get; init; }

    /// <summary>Protocol version that the origin's answer came by.</summary>
    public string ViaVersion { get; init; } = "1.1";

    /// <summary>What the store was told to keep it for. What is left of it tells how long it has been there, by the store's clock alone.</summary>
    public required TimeSpan Keep { get; init; }

    /// <summary>Where its body lies.</summary>
    public required BodyPlace Body { get; init; }

    /// <param name="resident">How long this node has had it: its age goes on.</param>
    public static Envelope Of(StoredResponse stored, Stamp stamp, string viaVersion, TimeSpan resident, TimeSpan keep, BodyPlace body) => new()
    {
        Stamp = stamp,
        Key = stored.Key,
        Variant = stored.Variant,
        Identity = stored.Identity,
        Status = stored.Status,
        ReasonPhrase = stored.ReasonPhrase,
        Fields = stored.Fields,
        Reuse = stored.Reuse with { InitialAge = stored.Reuse.AgeAfter(resident) },
        Date = stored.Date,
        LastModified = stored.LastModified,
        ViaVersion = viaVersion,
        Keep = keep,
        Body = body,
    };

    /// <param name="residence">How long it lay in the shared tier.</param>
    /// <param name="receivedAt">Now, as <see cref="TimeProvider.GetTimestamp"/>.</param>
    /// <param name="body">The response becomes an owner.</param>
    public StoredResponse ToResponse(TimeSpan residence, long asOf, long receivedAt, Body body)
    {
        body.InSharedTier = Body.IsInline ? null : Body;
        return new()
        {
            Key = Key,
            Variant = Variant,
            Status = Status,
            ReasonPhrase = ReasonPhrase,
            ViaVersion = ViaVersion,
            Fields = Fields,
            Reuse = Reuse with { InitialAge = Reuse.InitialAge + residence },
            ETag = EntityTag.TryParse(Fields.Single("ETag"), out var tag) ? tag : null,
            LastModified = LastModified,
            Date = Date,
            ReceivedAt = receivedAt,
            Identity = Identity,
            AsOf = asOf,
            Body = body,
        };
    }
}

/// <summary>Where a body lies: behind its head, or in chunks of their own.</summary>
/// <param name="Length">Bytes in all.</param>
/// <param name="ChunkSize">Bytes of each chunk but the last; 0: the body stands in the envelope.</param>
/// <param name="Generation">Random, 128 bits, one for each writing: chunks of two bodies never mix (V14).</param>
/// <param name="Digest">XxHash128 of the whole body, where it is in chunks.</param>
public sealed record BodyPlace(long Length, int ChunkSize, UInt128 Generation, UInt128 Digest)
{
    public bool IsInline => ChunkSize == 0;

    public int Chunks => IsInline ? 0 : (int)((Length + ChunkSize - 1) / ChunkSize);

    public int LengthOf(int chunk) => (int)Math.Min(ChunkSize, Length - ((long)chunk * ChunkSize));

    public static BodyPlace Inline(long length) => new(length, 0, default, default);
}
