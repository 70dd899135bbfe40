using DistCache.Storage.Responses;

namespace DistCache.Storage.Memory;

/// <summary>The stored responses of one key, the most recent Date first (RFC 9111 §4.1). Immutable: a change makes a new set.</summary>
public sealed class VariantSet(StoredResponse[] responses)
{
    public ReadOnlySpan<StoredResponse> Responses => responses;

    /// <summary>With this response in the place of the one of its variant; the least recently dated leave beyond <paramref name="most"/>.</summary>
    internal VariantSet With(StoredResponse response, int most, out StoredResponse[] gone)
    {
        var others = responses.Where(other => !other.Variant.Equals(response.Variant)).ToList();
        var place = others.FindIndex(other => other.Date <= response.Date);
        others.Insert(place < 0 ? others.Count : place, response);
        if (others.Count > most)
            others.Remove(others.FindLast(other => other != response)!);
        gone = [.. responses.Except(others)];
        return new([.. others]);
    }

    internal VariantSet? Without(StoredResponse response) =>
        responses.Length == 1 ? null : new([.. responses.Where(other => other != response)]);

    internal bool Contains(StoredResponse response) => Array.IndexOf(responses, response) >= 0;
}
