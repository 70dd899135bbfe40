using DistCache.TestKit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Histories out of a seed, and a judge for them who needs no order: every read against every purge and every write.</summary>
internal sealed class SeededHistory
{
    private const int Keys = 3;

    public List<FloorRead> Reads { get; } = [];

    public List<FloorWrite> Writes { get; } = [];

    public List<FloorPurge> Purges { get; } = [];

    /// <summary>Any version, any time: some of it breaks the promise.</summary>
    public static SeededHistory Make(Random random, int steps)
    {
        var history = new SeededHistory();
        var versions = Enumerable.Repeat(1L, Keys).ToArray();
        for (var step = 0; step < steps; step++)
        {
            var key = (short)random.Next(Keys);
            switch (random.Next(5))
            {
                case 0:
                    history.Writes.Add(new FloorWrite(step, key, ++versions[key]));
                    break;
                case 1:
                    history.Purges.Add(new FloorPurge(step + random.Next(5), key, versions[key], random.Next(2) == 0));
                    break;
                default:
                    var invoked = step - random.Next(5);
                    var version = Math.Max(1, versions[key] - Math.Max(0, random.Next(6) - 3));
                    history.Reads.Add(new FloorRead(invoked, step + random.Next(3), version, key, 0, random.Next(3) > 0));
                    break;
            }
        }

        return history;
    }

    /// <summary>What a perfect fleet may show: any version between the floor at the beginning and the newest at the end.</summary>
    public static SeededHistory MakeSound(Random random, int steps)
    {
        var history = Make(random, steps);
        var asked = history.Reads.ToArray();
        history.Reads.Clear();
        foreach (var read in asked)
        {
            var isFresh = random.Next(3) > 0;
            var floor = history.Floor(read with { IsFresh = isFresh });
            var newest = history.Newest(read);
            // A purge covers only what exists: the floor never lies above what the origin has.
            history.Reads.Add(read with { IsFresh = isFresh, Version = floor + random.Next((int)(Math.Max(floor, newest) - floor) + 1) });
        }

        return history;
    }

    public IEnumerable<FloorBreach> Judge(FloorRead read)
    {
        if (Before(read, purge => !purge.IsSoft).Any(purge => read.Version < purge.Version))
            yield return FloorBreach.BelowHardFloor;
        else if (read.IsFresh && Before(read, purge => purge.IsSoft).Any(purge => read.Version < purge.Version))
            yield return FloorBreach.FreshBelowSoftFloor;
        if (read.Version > Newest(read))
            yield return FloorBreach.FromTheFuture;
    }

    /// <summary>One of the reads, gone one version below its floor; null where no floor was ever above 1.</summary>
    public FloorRead? ReadBelowFloor(Random random)
    {
        var candidates = Reads.Where(read => Floor(read) > 1).ToArray();
        return candidates.Length == 0 ? null : candidates[random.Next(candidates.Length)] is var read ? read with { Version = Floor(read) - 1, Edge = 9 } : null;
    }

    private long Floor(FloorRead read) => Before(read, purge => !purge.IsSoft || read.IsFresh).Select(purge => purge.Version).DefaultIfEmpty(1).Max();

    private long Newest(FloorRead read) =>
        Writes.Where(write => write.Key == read.Key && write.Invoked <= read.Completed).Select(write => write.Version).DefaultIfEmpty(1).Max();

    private IEnumerable<FloorPurge> Before(FloorRead read, Func<FloorPurge, bool> isOne) =>
        Purges.Where(purge => purge.Key == read.Key && purge.Acknowledged < read.Invoked && isOne(purge));
}
