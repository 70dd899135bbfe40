using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Freshness;

/// <summary>RFC 9111 §4.2.3. Wall-clock times are needed only here, once; from then on a stored response ages by a monotonic clock.</summary>
public static class CurrentAge
{
    /// <summary>corrected_initial_age = max(apparent_age, age_value + response_delay).</summary>
    /// <param name="requestTime">When the request that brought the response was sent.</param>
    /// <param name="responseTime">When its fields were received.</param>
    public static TimeSpan Initial(ResponseFacts response, DateTimeOffset requestTime, DateTimeOffset responseTime)
    {
        // Without a Date the time of receipt stands in, and nothing is apparent. Date has no fraction of a second, so the time of receipt
        // is taken without its own: else a response made this very second would count as up to a second old.
        var receivedInSecond = responseTime.AddTicks(-(responseTime.Ticks % TimeSpan.TicksPerSecond));
        var apparentAge = response.HasDate ? AtLeastZero(receivedInSecond - response.Date) : TimeSpan.Zero;
        // A wall clock that was set back between the two must not make the response younger.
        var responseDelay = AtLeastZero(responseTime - requestTime);
        var correctedAge = response.Age + responseDelay;
        return apparentAge > correctedAge ? apparentAge : correctedAge;
    }

    private static TimeSpan AtLeastZero(TimeSpan value) => value > TimeSpan.Zero ? value : TimeSpan.Zero;
}
