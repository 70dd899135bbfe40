using System.Collections.Concurrent;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Peers;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Shields;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Proxy.Fills;

/// <summary>What every fill works with.</summary>
internal sealed class FillServices(
    MemoryTier memory, UncacheableMarkers markers, PurgeCheck purges, Parts parts, EdgeLimits limits, OriginOptions origin, NodeIdentity node,
    IServiceScopeFactory scopes, ShieldSource shields, PeerSource peers, TimeProvider time, ILogger<Fill> log, SharedTier? shared = null)
{
    private readonly ConcurrentDictionary<CacheKey, bool> _passing = new(CacheKeyComparer.Instance);
    private SharedSource? _shared;
    private long _bytesInFlight;
    private int _underWay;

    /// <summary>Fills under way.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Of those that may be under way at once, 0 to 1.</summary>
    public double Load => Math.Min(1, (double)UnderWay / origin.MaxFills);

    public MemoryTier Memory => memory;

    public UncacheableMarkers Markers => markers;

    public PurgeCheck Purges => purges;

    public Parts Parts => parts;

    /// <summary>Null: there is no shared tier.</summary>
    public SharedSource? Shared => shared is null ? null : _shared ??= new(shared, this);

    public EdgeLimits Limits => limits;

    public NodeIdentity Node => node;

    public IServiceScopeFactory Scopes => scopes;

    public ShieldSource Shields => shields;

    public PeerSource Peers => peers;

    public TimeProvider Time => time;

    /// <summary>On a thread of the pool, without the client's execution context. A simulation has no threads.</summary>
    public Action<IThreadPoolWorkItem> Starts { get; set; } = static work => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: true);

    public ILogger Log => log;

    /// <summary>False: as many as may be are under way. True: <see cref="End"/> is to follow.</summary>
    public bool TryBegin()
    {
        if (Interlocked.Increment(ref _underWay) <= origin.MaxFills)
            return true;
        End();
        return false;
    }

    public void End() => Interlocked.Decrement(ref _underWay);

    /// <summary>Room for bytes of chunks (<see cref="Storage.Bodies.Body.GrowthFor"/>) of a body that is to be kept whole. Bodies on their way may take half the capacity, so that a flood of
    /// large ones cannot empty the tier.</summary>
    /// <param name="key">Whose they are, where it is to be asked for often enough before it pushes out others; empty: whoever it is.</param>
    /// <param name="whole">Bytes that are still to come of it, these among them.</param>
    public bool TryKeep(long bytes, ReadOnlySpan<byte> key = default, long whole = 0)
    {
        if (Interlocked.Add(ref _bytesInFlight, bytes) <= memory.Pool.Capacity / 2 && memory.MakeRoom(bytes, key, whole))
            return true;
        Interlocked.Add(ref _bytesInFlight, -bytes);
        return false;
    }

    /// <summary>A copy that memory has not admitted is on its way to who asked for it: whoever else asks meanwhile makes two who want it, and theirs is kept.</summary>
    public bool IsPassing(CacheKey key) => _passing.ContainsKey(key);

    /// <summary>False: one is already.</summary>
    public bool TryBeginPassing(CacheKey key) => _passing.TryAdd(key, true);

    public void EndPassing(CacheKey key) => _passing.TryRemove(key, out _);

    public void Kept(long bytes) => Interlocked.Add(ref _bytesInFlight, -bytes);
}
