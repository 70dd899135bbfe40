namespace DistCache.Storage.Purging;

/// <summary>The last positions at which one selector was purged: two, for a soft purge must not hide an earlier hard one.</summary>
/// <param name="SoftAt">When, as <see cref="TimeProvider.GetTimestamp"/>: stale windows run from there.</param>
internal readonly record struct PurgeMarks(long LastHard, long LastSoft, long SoftAt)
{
    public long Last => Math.Max(LastHard, LastSoft);

    public PurgeMarks With(PurgeMode mode, long position, long at) =>
        mode is PurgeMode.Hard ? this with { LastHard = position } : this with { LastSoft = position, SoftAt = at };

    public PurgeMarks Max(PurgeMarks other) => new(
        Math.Max(LastHard, other.LastHard),
        Math.Max(LastSoft, other.LastSoft),
        // The earlier soft purge may be the one that matters to a response: with several, the stricter time counts.
        LastSoft == 0 ? other.SoftAt : other.LastSoft == 0 ? SoftAt : Math.Min(SoftAt, other.SoftAt));
}
