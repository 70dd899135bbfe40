using DistCache.Proxy.Purging;
using DistCache.Storage.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Proxy.Fills;

/// <summary>What every fill works with.</summary>
internal sealed class FillServices(
    MemoryTier memory, UncacheableMarkers markers, PurgeCheck purges, Parts parts, EdgeLimits limits, NodeIdentity node, IServiceScopeFactory scopes, TimeProvider time, ILogger<Fill> log)
{
    private long _bytesInFlight;

    public MemoryTier Memory => memory;

    public UncacheableMarkers Markers => markers;

    public PurgeCheck Purges => purges;

    public Parts Parts => parts;

    public EdgeLimits Limits => limits;

    public NodeIdentity Node => node;

    public IServiceScopeFactory Scopes => scopes;

    public TimeProvider Time => time;

    public ILogger Log => log;

    /// <summary>Room for bytes of a body that is to be kept whole. Bodies on their way may take half the capacity, so that a flood of
    /// large ones cannot empty the tier.</summary>
    public bool TryKeep(long bytes)
    {
        if (Interlocked.Add(ref _bytesInFlight, bytes) <= memory.Pool.Capacity / 2 && memory.MakeRoom(bytes))
            return true;
        Interlocked.Add(ref _bytesInFlight, -bytes);
        return false;
    }

    public void Kept(long bytes) => Interlocked.Add(ref _bytesInFlight, -bytes);
}
