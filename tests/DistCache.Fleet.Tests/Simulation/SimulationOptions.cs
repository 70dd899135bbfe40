namespace DistCache.Fleet.Tests.Simulation;

/// <summary>Rules of the request path, which stands in another room: the simulation's own small copy of it has their switches.</summary>
internal sealed record PathRules
{
    public static readonly PathRules All = new();

    /// <summary>Rule 6.</summary>
    public bool Fences { get; init; } = true;

    /// <summary>Rule 6: a fenced node's request uses only a fetch that began after it came.</summary>
    public bool FencedJoinsOnlyLater { get; init; } = true;

    /// <summary>Rule 12: as of the start of a fetch. Off: as of its end.</summary>
    public bool AsOfStart { get; init; } = true;

    /// <summary>Rule 12: promotion from the shared tier keeps the as-of.</summary>
    public bool PromotionKeepsAsOf { get; init; } = true;

    /// <summary>Rule 13: what is noted as checked is the version read before the look-up. Off: the one after.</summary>
    public bool VersionBeforeLookUp { get; init; } = true;

    /// <summary>Rule 22: what a write makes invalid is appended once the origin has it.</summary>
    public bool AppendsAfterAnswer { get; init; } = true;

    /// <summary>Rule 15: judged at the join.</summary>
    public bool JudgesAtJoin { get; init; } = true;

    /// <summary>Rule 15: judged at the head, for then the tags are known.</summary>
    public bool JudgesAtHead { get; init; } = true;

    /// <summary>Rule 15: judged at the end.</summary>
    public bool JudgesAtEnd { get; init; } = true;

    /// <summary>Rule 11: what is suspect has no stale window.</summary>
    public bool SuspectIsNotStale { get; init; } = true;
}

internal sealed record SimulationOptions
{
    public ProtocolRules Rules { get; init; } = ProtocolRules.All;

    public PathRules Path { get; init; } = PathRules.All;

    public int Nodes { get; init; } = 3;

    /// <summary>In seconds.</summary>
    public int Length { get; init; } = 40;

    /// <summary>Null: chosen by the seed, within what the protocol promises to survive.</summary>
    public FaultBudget? Faults { get; init; }
}

/// <summary>How often what may happen. More together than the protocol survives (section d of its description) is not a test of it.</summary>
internal sealed record FaultBudget(int FailOvers = 0, int Cuts = 0, int Crashes = 0, int Stops = 0, int Flushes = 0, int Evictions = 0, int Trims = 0, double Loss = 0)
{
    public static FaultBudget Of(Random random)
    {
        FaultBudget[] all =
        [
            new(), new(Loss: 0.05), new(FailOvers: 1, Cuts: 1), new(FailOvers: 1, Crashes: 1), new(Cuts: 2, Crashes: 1), new(Cuts: 1, Crashes: 2), new(Stops: 2, Crashes: 1),
            new(FailOvers: 1, Stops: 1), new(Flushes: 1, Crashes: 1), new(Flushes: 1, Cuts: 1), new(Evictions: 2, Crashes: 2), new(Evictions: 2, Cuts: 1), new(Trims: 2, Cuts: 1), new(Trims: 2, Stops: 1, Crashes: 1), new(FailOvers: 2, Loss: 0.02), new(Cuts: 2, Stops: 1, Loss: 0.05),
        ];
        return all[random.Next(all.Length)];
    }
}
