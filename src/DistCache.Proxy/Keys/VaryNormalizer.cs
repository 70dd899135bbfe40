using System.Collections.Concurrent;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Keys;

/// <summary>
/// A policy's normalisation of nominated fields (rule 31). What it came to is remembered, so that the values that most clients send cost a
/// hit no allocation; beyond <see cref="MostRemembered"/> values it is computed each time.
/// </summary>
internal sealed class VaryNormalizer(VaryOptions options)
{
    private const int MostRemembered = 1024;

    private readonly ConcurrentDictionary<string, string> _encodings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _languages = new(StringComparer.Ordinal);

    /// <param name="name">Lower-case, as <see cref="VaryField"/> gives it.</param>
    /// <param name="value">As <see cref="VaryNormalization.Combine"/> gives it.</param>
    public string? Normalize(string name, string? value) => value is null || IsRemoved(name) ? null : name switch
    {
        "accept-encoding" when options.AcceptEncoding.Count > 0 => Remembered(_encodings, value, Encodings),
        "accept-language" when options.AcceptLanguage is not LanguageNormalization.Off => Remembered(_languages, value, Languages),
        _ => value,
    };

    /// <summary>What reduces a choice goes to the origin as well: else its answer to one client's rarer wish would be everybody's.</summary>
    public void Rewrite(IHeaderDictionary request)
    {
        foreach (var name in options.Removed)
            request.Remove(name);
        if (options.AcceptEncoding.Count > 0 && request.AcceptEncoding.Count > 0)
            request.AcceptEncoding = Normalize("accept-encoding", VaryNormalization.Combine(request.AcceptEncoding.ToArray()));
        if (options.AcceptLanguage is LanguageNormalization.Select && request.AcceptLanguage.Count > 0)
            request.AcceptLanguage = Normalize("accept-language", VaryNormalization.Combine(request.AcceptLanguage.ToArray()));
    }

    /// <summary>Whether it has a field that look-ups do not send.</summary>
    public bool Removes(IHeaderDictionary request)
    {
        foreach (var name in options.Removed)
            if (request.ContainsKey(name))
                return true;
        return false;
    }

    /// <summary>Whether none of these fields, as this client sent them, is reduced to less than it says.</summary>
    public bool KeepsMeaning(IHeaderDictionary request, IReadOnlyList<string> names)
    {
        foreach (var name in names)
            if (IsReduced(name) && request.TryGetValue(name, out var lines) && VaryNormalization.Combine(lines.ToArray()) is { } value && Normalize(name, value) != value)
                return false;
        return true;
    }

    /// <param name="name">Lower-case.</param>
    public bool IsRemoved(string name)
    {
        for (var i = 0; i < options.Removed.Count; i++)
            if (options.Removed[i] == name)
                return true;
        return false;
    }

    private bool IsReduced(string name) => IsRemoved(name) || name switch
    {
        "accept-encoding" => options.AcceptEncoding.Count > 0,
        "accept-language" => options.AcceptLanguage is LanguageNormalization.Select,
        _ => false,
    };

    private string Encodings(string value) => AcceptEncodingNormalization.Normalize(value, options.AcceptEncoding)!;

    private string Languages(string value) => options.AcceptLanguage switch
    {
        LanguageNormalization.Spelling => AcceptLanguageNormalization.Normalize(value)!,
        LanguageNormalization.Order => AcceptLanguageNormalization.NormalizeOrder(value)!,
        _ => AcceptLanguageNormalization.Select(value, options.Languages, options.Languages[0])!,
    };

    private static string Remembered(ConcurrentDictionary<string, string> known, string value, Func<string, string> normalize)
    {
        if (known.TryGetValue(value, out var normal))
            return normal;
        normal = normalize(value);
        if (known.Count < MostRemembered)
            known.TryAdd(value, normal);
        return normal;
    }
}
