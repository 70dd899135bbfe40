using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Storage.Purging;

namespace DistCache.Fleet.Tests.Simulation;

internal sealed record SimulationOptions
{
    public ProtocolRules Rules { get; init; } = ProtocolRules.All;

    public PathRules Path { get; init; } = PathRules.All;

    public PurgeIndexRules Index { get; init; } = PurgeIndexRules.All;

    public Partition Partition { get; init; }

    public int Nodes { get; init; } = 3;

    /// <summary>In seconds.</summary>
    public int Length { get; init; } = 16;

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
