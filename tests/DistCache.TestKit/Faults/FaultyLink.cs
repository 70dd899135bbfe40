namespace DistCache.TestKit;

/// <summary>One direction of a <see cref="FaultProxy"/>.</summary>
public sealed class FaultyLink
{
    private readonly Pulse _changed = new();
    private volatile LinkFaults _faults = LinkFaults.None;
    private long _bytes;
    private long _dropped;

    public LinkFaults Faults
    {
        get => _faults;
        set
        {
            _faults = value;
            _changed.Beat();
        }
    }

    /// <summary>What has passed.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>What <see cref="LinkFaults.Drop"/> has left out.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    internal void HasDropped(int bytes) => Interlocked.Add(ref _dropped, bytes);

    internal void Passed(int bytes) => Interlocked.Add(ref _bytes, bytes);

    internal Task WhileAsync(LinkState state, CancellationToken cancellation) => _changed.WaitAsync(() => _faults.State != state, cancellation);
}
