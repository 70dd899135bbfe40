using DistCache.Storage.Bodies;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Memory;

/// <summary>The stored responses of one key, the most recent Date first, and last those that nothing selects: an origin that leaves Vary out of its default answer means the others where they match (RFC 9111 §4.1). As they were when it was looked up. Immutable.</summary>
public sealed class VariantSet
{
    private readonly StoredResponse[] _responses;

    private VariantSet(ulong hash, StoredResponse[] responses) => (Hash, _responses) = (hash, responses);

    public ReadOnlySpan<StoredResponse> Responses => _responses;

    /// <summary>Of the key.</summary>
    internal ulong Hash { get; }

    /// <summary>Bytes of managed memory that it takes, about, with what delivery adds.</summary>
    internal int Footprint { get; private init; }

    /// <summary>Out of the records of residents of one key, of which the caller is an owner.</summary>
    internal static VariantSet Read(ChunkPool pool, ulong hash, List<Resident> residents)
    {
        var responses = new StoredResponse[residents.Count];
        var footprint = 0;
        for (var i = 0; i < responses.Length; i++)
        {
            responses[i] = residents[i].ToResponse(pool);
            footprint += residents[i].FootprintOfResponse;
        }
        if (responses.Length > 1)
            Array.Sort(responses, static (one, other) => (other.Variant.Names.Length > 0, other.Date, other.ReceivedAt).CompareTo((one.Variant.Names.Length > 0, one.Date, one.ReceivedAt)));
        return new(hash, responses) { Footprint = footprint };
    }
}
