using DistCache.Semantics.Fields;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace DistCache.Proxy.Keys;

/// <summary>RFC 9111 §4.1: which of a key's stored responses matches this request's nominated fields.</summary>
internal static class Variants
{
    /// <summary>The most recent match, or null.</summary>
    public static StoredResponse? Select(VariantSet variants, IHeaderDictionary request, VaryNormalizer normalizer)
    {
        foreach (var response in variants.Responses)
            if (Matches(response.Variant, request, normalizer))
                return response;
        return null;
    }

    public static bool Matches(VariantKey variant, IHeaderDictionary request, VaryNormalizer normalizer)
    {
        var names = variant.Names;
        for (var i = 0; i < names.Length; i++)
            if (!string.Equals(variant.Values[i], ValueOf(request, names[i], normalizer), StringComparison.Ordinal))
                return false;
        return true;
    }

    public static VariantKey Of(IReadOnlyList<string> names, IHeaderDictionary request, VaryNormalizer normalizer)
    {
        if (names.Count == 0)
            return VariantKey.None;
        var values = new string?[names.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = ValueOf(request, names[i], normalizer);
        return new(names, values);
    }

    /// <summary>As it is compared: all lines combined, and normalised; null: the request has no such field.</summary>
    public static string? ValueOf(IHeaderDictionary request, string name, VaryNormalizer normalizer) => normalizer.Normalize(name, Combined(request, name));

    private static string? Combined(IHeaderDictionary request, string name)
    {
        if (!request.TryGetValue(name, out var lines))
            return null;
        if (lines.Count == 1)
        {
            var line = lines[0];
            return VaryNormalization.Combine(new ReadOnlySpan<string?>(in line));
        }
        return VaryNormalization.Combine(lines.ToArray());
    }
}
