using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Freshness;

/// <summary>RFC 9111 §4.2.3. Wall-clock times are needed only here, once; from then on a stored response ages by a monotonic clock.</summary>
public static class CurrentAge
{
    /// <summary>corrected_initial_age = max(apparent_age, age_value + response_delay).</summary>
    public static TimeSpan Initial(ResponseFacts response, DateTimeOffset requestTime, DateTimeOffset responseTime) => throw new NotImplementedException();
}
