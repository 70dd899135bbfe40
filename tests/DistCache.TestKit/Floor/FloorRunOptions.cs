namespace DistCache.TestKit;

/// <summary>How long and how hard a <see cref="FloorRun"/> is.</summary>
public sealed record FloorRunOptions
{
    /// <summary>Of every choice: pages, faults, purges. What the machine does between is not in it.</summary>
    public int Seed { get; init; } = 1;

    public TimeSpan During { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Goes on until there are so many reads, whatever <see cref="During"/> says; 0: only the time counts.</summary>
    public long Reads { get; init; }

    /// <summary>Goes on until that has ended, too.</summary>
    public Task Until { get; init; } = Task.CompletedTask;

    /// <summary>The first so many pages of the origin; null: all.</summary>
    public int? Keys { get; init; }

    public int ReadersPerEdge { get; init; } = 2;

    public int Writers { get; init; } = 3;

    /// <summary>One purge in so many is soft.</summary>
    public int SoftOneIn { get; init; } = 4;

    /// <summary>How long a fault lasts, in leases, at most.</summary>
    public double FaultLeases { get; init; } = 2;

    /// <summary>One edge is stopped for so long in any case, beside the other faults; zero: none is.</summary>
    public TimeSpan LongFreeze { get; init; }

    /// <summary>Told every ten seconds: reads, purges that are complete, faults; null: nobody wants to know.</summary>
    public Action<long, long, int>? Progress { get; init; }

    /// <summary>Which faults, each at least once: they are dealt from a deck, and the run goes on until it has been dealt; empty: none.</summary>
    public IReadOnlyList<FleetFault> Faults { get; init; } = Enum.GetValues<FleetFault>();
}
