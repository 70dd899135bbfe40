using DistCache.Fleet.Following;

namespace DistCache.Fleet;

/// <summary>Who this node is among the others.</summary>
public sealed record FleetOptions
{
    /// <summary><c>DistCache:Node:Id</c>.</summary>
    public required string Node { get; init; }

    /// <summary><c>DistCache:Node:Region</c>.</summary>
    public string Region { get; init; } = "";

    /// <summary><c>DistCache:Node:Address</c>: its admin port as others see it.</summary>
    public string Address { get; init; } = "";

    /// <summary><c>DistCache:Node:DataAddress</c>: its data port as other nodes see it.</summary>
    public string DataAddress { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>Random, of this run of the program.</summary>
    public ulong Run { get; init; } = Logs.PurgeRecord.NewId();

    /// <summary>A run that is known to be dead.</summary>
    public ulong Replaces { get; init; }

    public LeaseTerms Lease { get; init; } = new(TimeSpan.FromSeconds(30));
}
