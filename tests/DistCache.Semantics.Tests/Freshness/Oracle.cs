namespace DistCache.Semantics.Tests.Freshness;

/// <summary>What an origin meant to say, before it is spelled as field lines. Whole seconds; null: not sent. Times are relative to receipt.</summary>
internal sealed record Meaning
{
    public long[] MaxAge { get; init; } = [];
    public long[] SMaxAge { get; init; } = [];
    public bool InvalidLifetime { get; init; }
    public bool NoCache { get; init; }
    public bool MustRevalidate { get; init; }
    public bool ProxyRevalidate { get; init; }
    public bool Public { get; init; }
    public long? StaleWhileRevalidate { get; init; }
    public long? Expires { get; init; }
    public bool InvalidExpires { get; init; }
    public long? Date { get; init; }
    public long? LastModified { get; init; }
    public long? Age { get; init; }
    public int Status { get; init; } = 200;
    public long ResponseDelay { get; init; }
    public long Resident { get; init; }
}

/// <summary>
/// A second reading of RFC 9111 §4.2, in plain seconds and straight from its prose, sharing nothing with the code under test.
/// </summary>
internal static class Oracle
{
    private const long Limit = 2147483648;

    /// <summary>§4.2.1: "A cache can calculate the freshness lifetime by evaluating the following rules and using the first match."</summary>
    public static double Lifetime(Meaning m, bool mayGuess)
    {
        // "caches are encouraged to consider responses that have invalid freshness information to be stale"
        if (m.InvalidLifetime)
            return 0;
        // "If the cache is shared and the s-maxage response directive is present, use its value" ... "the first occurrence should be used or
        // the response should be considered stale": we take the most restrictive, which is never more than either.
        if (m.SMaxAge.Length > 0)
            return m.SMaxAge.Select(value => value > Limit ? Limit : value).Min();
        if (m.MaxAge.Length > 0)
            return m.MaxAge.Select(value => value > Limit ? Limit : value).Min();
        // "If the Expires response header field is present, use its value minus the value of the Date response header field"
        if (m.InvalidExpires)
            return 0;
        if (m.Expires is not null)
        {
            var difference = m.Expires.Value - (m.Date ?? 0);
            return difference < 0 ? 0 : difference;
        }
        // "Otherwise, no explicit expiration time is present in the response. A heuristic freshness lifetime might be applicable"
        if (!mayGuess || m.LastModified is null)
            return 0;
        if (!m.Public && !new[] { 200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501 }.Contains(m.Status))
            return 0;
        // "a typical setting of this fraction might be 10%" of "the interval since that time"
        var interval = (m.Date ?? 0) - m.LastModified.Value;
        var guess = interval > 0 ? interval / 10.0 : 0;
        return guess > 86400 ? 86400 : guess;
    }

    /// <summary>§4.2.3, the assignments as they stand there.</summary>
    public static double CurrentAge(Meaning m)
    {
        var ageValue = m.Age is null ? 0 : m.Age > Limit ? Limit : m.Age.Value;
        double responseTime = 0, dateValue = m.Date ?? responseTime, requestTime = responseTime - m.ResponseDelay, now = responseTime + m.Resident;

        var apparentAge = Math.Max(0, responseTime - dateValue);
        var responseDelay = responseTime - requestTime;
        var correctedAgeValue = ageValue + responseDelay;
        var correctedInitialAge = Math.Max(apparentAge, correctedAgeValue);
        var residentTime = now - responseTime;
        return correctedInitialAge + residentTime;
    }

    /// <summary>"The calculation to determine if a response is fresh is: response_is_fresh = (freshness_lifetime > current_age)".</summary>
    public static bool IsFresh(Meaning m, bool mayGuess) => Lifetime(m, mayGuess) > CurrentAge(m);

    /// <summary>§4.2.4 and RFC 5861 §3: prohibited explicitly, or within the window, or neither.</summary>
    public static string Answer(Meaning m, bool mayGuess)
    {
        if (m.NoCache)
            return "ask";
        if (IsFresh(m, mayGuess))
            return "serve";
        var isProhibited = m.MustRevalidate || m.ProxyRevalidate || m.SMaxAge.Length > 0 || m.InvalidLifetime;
        var window = m.StaleWhileRevalidate > Limit ? Limit : m.StaleWhileRevalidate ?? 0;
        var staleFor = CurrentAge(m) - Lifetime(m, mayGuess);
        return !isProhibited && window > 0 && staleFor <= window ? "serve and ask" : "ask";
    }
}
