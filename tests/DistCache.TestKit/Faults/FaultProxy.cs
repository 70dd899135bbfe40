using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>
/// A TCP link between any two, on a port of 127.0.0.1, with the faults of a real one: delay, jitter, rate, stall, half-open, cut, reset, turned
/// bits, holes. Each direction has its own faults, which may change at any time. Connecting itself takes no delay. The same seed turns
/// the same bits of the n-th connection.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<FaultyConnection> _open = [];
    private readonly OriginListener _listener;
    private readonly int _target;
    private readonly int _seed;
    private volatile bool _isCut;

    private FaultProxy(int target, int seed, int port)
    {
        (_target, _seed) = (target, seed);
        _listener = new OriginListener(port, ServeAsync);
    }

    public int Port => _listener.Port;

    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>From who connects to whom it connects to.</summary>
    public FaultyLink There { get; } = new();

    /// <summary>The answers.</summary>
    public FaultyLink Back { get; } = new();

    /// <summary>Sets both directions.</summary>
    public LinkFaults Faults
    {
        set
        {
            There.Faults = value;
            Back.Faults = value;
        }
    }

    /// <summary>Open at the moment.</summary>
    public int Connections
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    /// <param name="targetPort">Whom it connects to.</param>
    /// <param name="seed">Of what is random.</param>
    /// <param name="port">0 for a free one.</param>
    public static FaultProxy Start(int targetPort, int seed = 1, int port = 0) => new(targetPort, seed, port);

    /// <summary>Resets what is open, and every connection that comes, until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _isCut = true;
        ResetAll();
    }

    /// <summary>No faults at all from now on.</summary>
    public void Mend()
    {
        _isCut = false;
        Faults = LinkFaults.None;
    }

    /// <summary>RST for every connection that is open; new ones are welcome.</summary>
    public void ResetAll()
    {
        lock (_lock)
            foreach (var connection in _open)
                connection.Reset();
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        return _listener.DisposeAsync();
    }

    private async Task ServeAsync(int index, Socket client, CancellationToken cancellation)
    {
        using var connection = new FaultyConnection(client, (_seed * 1_000_003) + index);
        lock (_lock)
            _open.Add(connection);
        if (_isCut) // Looked at once it is among those that a cut resets.
            connection.Reset();
        await connection.PassAsync(_target, There, Back, cancellation);
        lock (_lock)
            _open.Remove(connection);
    }
}
