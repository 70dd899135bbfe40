namespace DistCache.Fleet.Following;

/// <summary>How long a node may serve without hearing the log.</summary>
/// <param name="Length"><c>DistCache:PurgeLog:Lease</c>.</param>
public readonly record struct LeaseTerms(TimeSpan Length)
{
    /// <summary>That may be configured.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly TimeSpan MostMargin = TimeSpan.FromMilliseconds(500);

    /// <summary>For clocks that do not run alike: a twentieth of the lease, at most half a second.</summary>
    public TimeSpan Margin => Length / 20 < MostMargin ? Length / 20 : MostMargin;

    /// <summary>From beat to beat while nothing happens: a fifth of the lease, at most a second.</summary>
    public TimeSpan Beat => Length / 5 < TimeSpan.FromSeconds(1) ? Length / 5 : TimeSpan.FromSeconds(1);

    internal long LengthIn(TimeProvider time) => (long)(Length.TotalSeconds * time.TimestampFrequency);
}
