namespace DistCache.Semantics.Storing;

/// <summary>What to do with a response that carries Set-Cookie (rule 15).</summary>
public enum SetCookieHandling
{
    Refuse,
    StoreWithout,
    AsResponseAllows,
}

/// <summary>What a policy says to the rules of storing, freshness and reuse. Start from <see cref="For"/> and use <c>with</c>.</summary>
public sealed record CachingOptions
{
    public required Preset Preset { get; init; }

    /// <summary>Targeted fields, the first one that is present and valid decides (RFC 9213 §2.2).</summary>
    public IReadOnlyList<string> TargetedFields { get; init; } = ["DistCache-CDN-Cache-Control", "CDN-Cache-Control"];

    public SetCookieHandling SetCookie { get; init; } = SetCookieHandling.Refuse;

    /// <summary>A tenth of (Date - Last-Modified) where RFC 9111 §4.2.2 allows it. Default: off in safe, on in rfc9111.</summary>
    public bool Heuristics { get; init; }

    public double HeuristicFraction { get; init; } = 0.1;

    public TimeSpan HeuristicMaximum { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Request max-age, min-fresh, max-stale, no-cache, no-store. Default: off in safe, on in rfc9111.</summary>
    public bool HonourRequestDirectives { get; init; }

    /// <summary>Store responses without freshness but with a validator, to validate them each time. Default: off in safe, on in rfc9111.</summary>
    public bool StoreForValidation { get; init; }

    /// <summary>Status to lifetime for responses without explicit freshness (negative caching and defaults). Empty: none.</summary>
    public IReadOnlyDictionary<int, TimeSpan> LifetimePerStatus { get; init; } = new Dictionary<int, TimeSpan>();

    /// <summary>Shorter lifetimes of answers below 400 are raised to it; never against no-cache. Null: none.</summary>
    public TimeSpan? MinimumLifetime { get; init; }

    /// <summary>Longer lifetimes are cut to it. Null: none.</summary>
    public TimeSpan? MaximumLifetime { get; init; }

    /// <summary>Lifetime of every answer below 400, whatever the origin says of freshness; never against no-cache. Null: none.</summary>
    public TimeSpan? FixedLifetime { get; init; }

    /// <summary>Windows used when the origin names none. Never override must-revalidate and its kin, and never for a stored 5xx: it is no better than a new one.</summary>
    /// <remarks>Default: none in safe; in rfc9111 StaleIfError and StaleIfUnreachable are a day (RFC 9111 §4.2.4, §4.3.3).</remarks>
    public TimeSpan? StaleWhileRevalidate { get; init; }
    public TimeSpan? StaleIfError { get; init; }

    /// <summary>How long after it became stale a response may be served when no answer could be had at all (rule 27).</summary>
    public TimeSpan StaleIfUnreachable { get; init; } = TimeSpan.Zero;

    /// <summary>How Accept-Encoding and Accept-Language are compared where Vary names them. Default: as they are in safe, languages by weight in rfc9111.</summary>
    public VaryOptions Vary { get; init; } = VaryOptions.None;

    /// <summary>A 304's Content-Type replaces the stored one, as RFC 9111 §3.2 has it. Default: off in safe (many a 304 carries the server's default type), on in rfc9111.</summary>
    public bool UpdatesContentType { get; init; }

    /// <summary>The answer to a HEAD freshens what nothing in it contradicts (RFC 9111 §4.3.5). Default: off in safe, where a validator or the length must agree, on in rfc9111.</summary>
    public bool TrustsHead { get; init; }

    /// <summary>Serve stale although s-maxage or proxy-revalidate forbid it (rule 24); never overrides must-revalidate or no-cache.</summary>
    public bool IgnoreProxyRevalidate { get; init; }

    public static CachingOptions For(Preset preset) => preset switch
    {
        Preset.Safe => new() { Preset = preset },
        Preset.Rfc9111 => new()
        {
            Preset = preset,
            SetCookie = SetCookieHandling.AsResponseAllows,
            Heuristics = true,
            HonourRequestDirectives = true,
            StoreForValidation = true,
            UpdatesContentType = true,
            TrustsHead = true,
            Vary = new() { AcceptLanguage = LanguageNormalization.Order },
            // §4.2.4 lets a disconnected cache serve stale, §4.3.3 lets it take a 5xx for no answer; a day is our bound.
            StaleIfError = TimeSpan.FromDays(1),
            StaleIfUnreachable = TimeSpan.FromDays(1),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(preset)),
    };
}
