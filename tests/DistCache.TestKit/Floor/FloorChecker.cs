namespace DistCache.TestKit;

/// <summary>
/// Promise P1 over a whole history. A purge is no write, it raises a floor: a read that began after the acknowledgement may not show an older
/// version; after a soft one, not as fresh. A read may show any version from the floor up to the newest that the origin had begun to serve
/// when it ended. Versions of a key are in total order, so this is exact: one sort and one sweep, O(n log n).
/// </summary>
public static class FloorChecker
{
    public static IReadOnlyList<FloorViolation> Check(FloorRead[] reads, FloorWrite[] writes, FloorPurge[] purges)
    {
        var violations = new List<FloorViolation>();
        Array.Sort(purges, static (a, b) => a.Acknowledged.CompareTo(b.Acknowledged));
        Array.Sort(reads, static (a, b) => a.Invoked.CompareTo(b.Invoked));
        SweepFloors(reads, purges, violations);
        Array.Sort(writes, static (a, b) => a.Invoked.CompareTo(b.Invoked));
        Array.Sort(reads, static (a, b) => a.Completed.CompareTo(b.Completed));
        SweepCeilings(reads, writes, violations);
        return violations;
    }

    private static void SweepFloors(FloorRead[] reads, FloorPurge[] purges, List<FloorViolation> violations)
    {
        var hard = new Dictionary<short, long>();
        var soft = new Dictionary<short, long>();
        var next = 0;
        foreach (var read in reads)
        {
            // Strictly before: at the same tick nobody knows which was first.
            for (; next < purges.Length && purges[next].Acknowledged < read.Invoked; next++)
                Raise(purges[next].IsSoft ? soft : hard, purges[next].Key, purges[next].Version);
            if (read.Version < hard.GetValueOrDefault(read.Key))
                violations.Add(new FloorViolation(FloorBreach.BelowHardFloor, read, hard[read.Key]));
            else if (read.IsFresh && read.Version < soft.GetValueOrDefault(read.Key))
                violations.Add(new FloorViolation(FloorBreach.FreshBelowSoftFloor, read, soft[read.Key]));
        }
    }

    /// <summary>Every key begins at version 1.</summary>
    private static void SweepCeilings(FloorRead[] reads, FloorWrite[] writes, List<FloorViolation> violations)
    {
        var newest = new Dictionary<short, long>();
        var next = 0;
        foreach (var read in reads)
        {
            for (; next < writes.Length && writes[next].Invoked <= read.Completed; next++)
                Raise(newest, writes[next].Key, writes[next].Version);
            if (read.Version > newest.GetValueOrDefault(read.Key, 1))
                violations.Add(new FloorViolation(FloorBreach.FromTheFuture, read, newest.GetValueOrDefault(read.Key, 1)));
        }
    }

    private static void Raise(Dictionary<short, long> marks, short key, long version)
    {
        if (version > marks.GetValueOrDefault(key))
            marks[key] = version;
    }
}
