namespace DistCache.Storage.Purging;

/// <summary>
/// Until when this node may serve what it holds without asking (rule 5): compared with a fresh reading of the monotonic clock on each hit,
/// before the index is read. No timer's flag: after a pause of the process a request would run before the timer. One writer, any reader.
/// </summary>
public sealed class Lease
{
    /// <summary>Of a node whose purges are all its own.</summary>
    public static readonly Lease Forever = new() { _until = long.MaxValue, _followedAt = long.MaxValue };

    private long _until = long.MinValue;
    private long _followedAt = long.MinValue;

    /// <param name="now"><see cref="TimeProvider.GetTimestamp"/>.</param>
    public bool IsHeld(long now) => now < Volatile.Read(ref _until);

    /// <summary>Held, and the log was followed that short a time ago: bells do not count (rule 21).</summary>
    /// <param name="maxLag">In units of <see cref="TimeProvider.GetTimestamp"/>.</param>
    public bool IsFollowed(long now, long maxLag) => IsHeld(now) && Volatile.Read(ref _followedAt) is var at && (now <= at || now - at <= maxLag);

    /// <summary>All that the log held at <paramref name="followedAt"/> is applied.</summary>
    public void Extend(long followedAt, long until)
    {
        if (followedAt > _followedAt)
            Volatile.Write(ref _followedAt, followedAt);
        if (until > _until)
            Volatile.Write(ref _until, until);
    }

    public void GiveUp()
    {
        Volatile.Write(ref _until, long.MinValue);
        Volatile.Write(ref _followedAt, long.MinValue);
    }
}
