using System.Globalization;
using DistCache.Geo.Places;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Requests;
using DistCache.Semantics.Storing;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Policies;

/// <summary>One section of <c>DistCache:Policies</c> into a <see cref="CachePolicy"/>: what is not written keeps the preset's default. Every error names key, value and remedy.</summary>
internal sealed class PolicyReader(IConfigurationSection section, CountryGroups groups, ICollection<string> errors)
{
    /// <summary>The whole section.</summary>
    public CachePolicy Read(string revision)
    {
        Choice("Writes", WritePolicy.Invalidate, OneOf("invalidate"));
        return new(section.Key, ReadCaching())
        {
            Revision = revision,
            Key = ReadKey(),
            Bypass = ReadBypass(),
            Tags = List("Tags", CacheTags.IsTag, "a list of tags, each up to 128 visible characters") ?? [],
            MaxObjectSize = Size("MaxObjectSize"),
            Jitter = Fraction("Jitter", 0),
            Consistency = Choice("Consistency", Consistency.Eventual, OneOf("eventual, bounded, strong")),
            MaxLag = Time("MaxLag") ?? TimeSpan.FromSeconds(2),
            Partition = Choice("Partition", Partition.Validate, OneOf("validate, serve")),
        };
    }

    private static string OneOf(string values) => $"is none of its values; write {values}";

    private KeyRules ReadKey()
    {
        RefuseUnknown(section.GetSection("Key"), PolicyKeys.Under("Key"), "Key");
        RefuseUnknown(section.GetSection("Key:Query"), PolicyKeys.Under("Key:Query"), "Key:Query");
        var allow = List("Key:Query:Allow", IsParameter, "a list of parameter names");
        var ignore = List("Key:Query:Ignore", name => name == "@tracking" || IsParameter(name), "a list of parameter names; the only preset is @tracking") ?? [];
        var sort = Flag("Key:Query:Sort", false);
        return new()
        {
            Query = allow is null && ignore.Length == 0 && !sort
                ? null
                : new(allow, [.. ignore.SelectMany(name => name == "@tracking" ? QueryRules.Tracking : [name])], sort),
            Headers = List("Key:Headers", IsToken, "a list of field names") ?? [],
            Cookies = List("Key:Cookies", IsToken, "a list of cookie names") ?? [],
            Country = ReadCountry(),
        };
    }

    private CountryKey? ReadCountry()
    {
        if (Text("Key:Country") is { } text && bool.TryParse(text, out var flag))
            return flag ? new([]) : null;
        return List("Key:Country", member => groups.IsGroup(member) || Countries.IsCountry(member), $"true, false, or a list of countries (US) and groups ({string.Join(", ", groups.Names)})") is { Length: > 0 } members ? new(members) : null;
    }

    private BypassRules? ReadBypass()
    {
        RefuseUnknown(section.GetSection("Bypass"), PolicyKeys.Under("Bypass"), "Bypass");
        if (!section.GetSection("Bypass").GetChildren().Any())
            return null;
        return new(
            List("Bypass:Cookies", IsToken, "a list of cookie names") ?? [],
            List("Bypass:Headers", IsToken, "a list of field names") ?? [],
            List("Bypass:Query", IsParameter, "a list of parameter names") ?? []);
    }

    private static bool IsParameter(string name) => name.Length > 0 && !name.StartsWith('@') && !name.AsSpan().ContainsAny("&=# ");

    private long? Size(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (ByteSize.TryParse(text, out var bytes) && bytes > 0)
            return bytes;
        errors.Add($"{section.Path}:{key}: '{text}' is not a size above 0. {ByteSize.Remedy}.");
        return null;
    }

    private CachingOptions ReadCaching()
    {
        RefuseUnknown(section, PolicyKeys.Under(""), "a policy");
        var start = CachingOptions.For(Choice("Preset", Preset.Safe, "is not a preset; write safe or rfc9111"));
        return start with
        {
            TargetedFields = List("TargetedFields", IsToken, "a list of field names") ?? start.TargetedFields,
            SetCookie = Choice("SetCookie", start.SetCookie, "is none of its values; write refuse, store-without or as-response-allows"),
            Heuristics = Flag("Heuristics", start.Heuristics),
            HeuristicFraction = Fraction("HeuristicFraction", start.HeuristicFraction),
            HeuristicMaximum = Time("HeuristicMaximum") ?? start.HeuristicMaximum,
            HonourRequestDirectives = Flag("HonourRequestDirectives", start.HonourRequestDirectives),
            StoreForValidation = Flag("StoreForValidation", start.StoreForValidation),
            UpdatesContentType = Flag("UpdatesContentType", start.UpdatesContentType),
            LifetimePerStatus = Lifetimes(),
            MinimumLifetime = Minimum(),
            MaximumLifetime = Time("MaximumLifetime"),
            FixedLifetime = Time("FixedLifetime"),
            StaleWhileRevalidate = Time("StaleWhileRevalidate") ?? start.StaleWhileRevalidate,
            StaleIfError = Time("StaleIfError") ?? start.StaleIfError,
            StaleIfUnreachable = Time("StaleIfUnreachable") ?? start.StaleIfUnreachable,
            IgnoreProxyRevalidate = Flag("IgnoreProxyRevalidate", start.IgnoreProxyRevalidate),
            Vary = Vary(start.Vary),
        };
    }

    private VaryOptions Vary(VaryOptions start)
    {
        RefuseUnknown(section.GetSection("Vary"), PolicyKeys.Under("Vary"), "Vary");
        var vary = new VaryOptions
        {
            Removed = Lower(List("RemoveRequestFields", IsToken, "a list of field names")) ?? [],
            AcceptEncoding = Lower(List("Vary:AcceptEncoding", IsToken, "a list of content codings such as br, gzip")) ?? start.AcceptEncoding,
            AcceptLanguage = Choice("Vary:AcceptLanguage", start.AcceptLanguage, "is none of its values; write off, spelling, order or select"),
            Languages = Lower(List("Vary:Languages", IsToken, "a list of language tags such as en, de-ch")) ?? start.Languages,
        };
        if (vary is not { AcceptLanguage: LanguageNormalization.Select, Languages.Count: 0 })
            return vary;
        errors.Add($"{section.Path}:Vary:Languages: AcceptLanguage 'select' needs the languages that the origin has; write a list such as en, de.");
        return start;
    }

    private TimeSpan? Minimum()
    {
        if (Time("MinimumLifetime") is not { } minimum)
            return null;
        if (Text("MaximumLifetime") is { } text && Duration.TryParse(text, out var maximum) && minimum > maximum)
            errors.Add($"{section.Path}:MinimumLifetime: '{minimum}' is more than MaximumLifetime; write at most '{maximum}'.");
        return minimum;
    }

    /// <summary>Status to lifetime, for responses without explicit freshness (negative caching).</summary>
    private Dictionary<int, TimeSpan> Lifetimes()
    {
        var lifetimes = new Dictionary<int, TimeSpan>();
        foreach (var child in section.GetSection("Lifetimes").GetChildren())
        {
            if (!int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status is < 200 or > 599 or 206 or 304)
                errors.Add($"{child.Path}: '{child.Key}' is no status that can be stored; write 200 to 599, but neither 206 nor 304.");
            else if (Time("Lifetimes:" + child.Key) is { } lifetime)
                lifetimes[status] = lifetime;
        }
        return lifetimes;
    }

    private TimeSpan? Time(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (Duration.TryParse(text, out var duration))
            return duration;
        errors.Add($"{section.Path}:{key}: '{text}' is no duration from 0s to 365d; write 500ms, 30s, 5m, 2h, 1d or 00:05:00.");
        return null;
    }

    private bool Flag(string key, bool otherwise)
    {
        if (Text(key) is not { } text)
            return otherwise;
        if (bool.TryParse(text, out var flag))
            return flag;
        errors.Add($"{section.Path}:{key}: '{text}' is neither true nor false.");
        return otherwise;
    }

    private double Fraction(string key, double otherwise)
    {
        if (Text(key) is not { } text)
            return otherwise;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fraction) && fraction is >= 0 and <= 1)
            return fraction;
        errors.Add($"{section.Path}:{key}: '{text}' is no number from 0 to 1; write 0.1 for a tenth.");
        return otherwise;
    }

    /// <summary>Members in any case, their words with or without dashes: <c>store-without</c> is <c>StoreWithout</c>.</summary>
    private T Choice<T>(string key, T otherwise, string remedy)
        where T : struct, Enum
    {
        if (Text(key) is not { } text)
            return otherwise;
        foreach (var value in Enum.GetValues<T>())
            if (value.ToString().Equals(text.Replace("-", ""), StringComparison.OrdinalIgnoreCase))
                return value;
        errors.Add($"{section.Path}:{key}: '{text}' {remedy}.");
        return otherwise;
    }

    /// <summary>An array, or one text with commas.</summary>
    private string[]? List(string key, Func<string, bool> isMember, string remedy)
    {
        var children = section.GetSection(key).GetChildren().Select(child => child.Value ?? "").ToArray();
        var members = children.Length > 0 ? children : Text(key)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (members is null || Array.TrueForAll(members, member => isMember(member)))
            return members;
        errors.Add($"{section.Path}:{key}: '{string.Join(", ", members)}' is not {remedy}.");
        return null;
    }

    private static string[]? Lower(string[]? list) => list is null ? null : [.. list.Select(member => member.ToLowerInvariant())];

    private static bool IsToken(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));

    private string? Text(string key) => section[key] is { Length: > 0 } text ? text : null;

    private void RefuseUnknown(IConfigurationSection of, string[] known, string what)
    {
        foreach (var child in of.GetChildren())
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                errors.Add($"{child.Path}: unknown key; {what} has {string.Join(", ", known)}.");
    }
}
