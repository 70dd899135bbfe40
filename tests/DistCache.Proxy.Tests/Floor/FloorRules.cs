using DistCache.Fleet;
using DistCache.Proxy.Purging;
using DistCache.Storage.Purging;

namespace DistCache.Proxy.Tests.Floor;

/// <summary>Which rules a fleet of edges keeps.</summary>
internal sealed record FloorRules
{
    public ProtocolRules Protocol { get; init; } = ProtocolRules.All;

    public PurgeIndexRules Index { get; init; } = PurgeIndexRules.All;

    public PathRules Path { get; init; } = PathRules.All;
}
