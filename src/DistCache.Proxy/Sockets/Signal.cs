using System.Threading.Tasks.Sources;

namespace DistCache.Proxy.Sockets;

/// <summary>
/// Says once that something may be tried again: <see cref="Prepare"/>, then try, then <see cref="WaitAsync"/>; a <see cref="Set"/> in between is not lost. One waits at
/// most, and goes on where it is set. Nothing is allocated.
/// </summary>
internal sealed class Signal : IValueTaskSource
{
    private const int Prepared = 0;
    private const int Waiting = 1;
    private const int IsSet = 2;

    private ManualResetValueTaskSourceCore<bool> _core;
    private int _state = IsSet;

    public void Prepare()
    {
        _core.Reset();
        Volatile.Write(ref _state, Prepared);
    }

    public ValueTask WaitAsync() =>
        Interlocked.CompareExchange(ref _state, Waiting, Prepared) == Prepared ? new(this, _core.Version) : ValueTask.CompletedTask;

    public void Set()
    {
        // Read first: it is set far more often than anybody waits.
        if (Volatile.Read(ref _state) != IsSet && Interlocked.Exchange(ref _state, IsSet) == Waiting)
            _core.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
