namespace DistCache.Proxy;

/// <summary>What no policy may exceed. A reload may change it.</summary>
public sealed class EdgeLimits(long maxObjectSize)
{
    private long _maxObjectSize = maxObjectSize;

    /// <summary><c>DistCache:Memory:MaxObjectSize</c>, bytes: larger bodies stream through and are not stored.</summary>
    public long MaxObjectSize
    {
        get => Volatile.Read(ref _maxObjectSize);
        set => Volatile.Write(ref _maxObjectSize, value);
    }
}
