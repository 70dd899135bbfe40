namespace DistCache.Storage.Purging;

/// <summary>
/// The last positions at which one selector was purged. A soft purge must not hide an earlier hard one; nor may it restart the stale window
/// of what an earlier soft one has made stale already, so two soft purges are kept, the earlier with the first time of all before it.
/// </summary>
/// <param name="SoftAt">When, as <see cref="TimeProvider.GetTimestamp"/>: stale windows run from there.</param>
internal readonly record struct PurgeMarks(long LastHard, long LastSoft, long SoftAt, long EarlierSoft = 0, long EarlierAt = 0)
{
    public long Last => Math.Max(LastHard, LastSoft);

    public PurgeMarks With(PurgeMode mode, long position, long at)
    {
        if (mode is PurgeMode.Hard)
            return this with { LastHard = position };
        return LastSoft == 0
            ? this with { LastSoft = position, SoftAt = at }
            : new(LastHard, position, at, EarlierSoft: LastSoft, EarlierAt: EarlierSoft == 0 ? SoftAt : EarlierAt);
    }

    /// <summary>What counts for a response as of that position: one soft purge at most, at the time of the first that reached it.</summary>
    public PurgeMarks For(long asOf) => LastSoft <= asOf
        ? new(LastHard, 0, 0)
        : new(LastHard, LastSoft, EarlierSoft > asOf ? EarlierAt : SoftAt);

    /// <summary>Of both together, no time is known better than the earliest.</summary>
    public PurgeMarks Max(PurgeMarks other) => new(
        Math.Max(LastHard, other.LastHard),
        Math.Max(LastSoft, other.LastSoft),
        LastSoft == 0 ? other.FirstAt : other.LastSoft == 0 ? FirstAt : Math.Min(FirstAt, other.FirstAt));

    private long FirstAt => EarlierSoft == 0 ? SoftAt : EarlierAt;
}
