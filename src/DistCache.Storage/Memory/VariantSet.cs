using DistCache.Storage.Responses;

namespace DistCache.Storage.Memory;

/// <summary>The stored responses of one key, the most recent Date first (RFC 9111 §4.1). Immutable: a change makes a new set.</summary>
public sealed class VariantSet(StoredResponse[] responses)
{
    public ReadOnlySpan<StoredResponse> Responses => responses;

    /// <summary>With this response in the place of the one of its variant; the least recently used leave beyond <paramref name="most"/>.</summary>
    internal VariantSet With(StoredResponse response, int most, out StoredResponse? replaced, out StoredResponse? tooMany)
    {
        replaced = Array.Find(responses, other => other.Variant.Equals(response.Variant));
        var old = replaced;
        var others = responses.Where(other => other != old).ToList();
        // Among those whose bit is clear, else among all, the oldest: as much as the bits know of use.
        tooMany = others.Count < most ? null : others.FindLast(other => !other.IsVisited) ?? others[^1];
        if (tooMany is not null)
            others.Remove(tooMany);
        var place = others.FindIndex(other => other.Date <= response.Date);
        others.Insert(place < 0 ? others.Count : place, response);
        return new([.. others]);
    }

    internal VariantSet? Without(StoredResponse response) =>
        responses.Length == 1 ? null : new([.. responses.Where(other => other != response)]);

    internal bool Contains(StoredResponse response) => Array.IndexOf(responses, response) >= 0;
}
