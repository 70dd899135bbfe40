using System.Runtime.InteropServices;

namespace DistCache.Edge;

/// <summary>
/// SIGTERM, SIGINT or SIGQUIT asks for an orderly stop; another one, a second or more later, cuts the draining short. Sooner it is
/// the same request heard twice: <c>timeout</c> and <c>dotnet run</c> signal the process and its group.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly TimeSpan Echo = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private long _firstAt;
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopNow = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals(TimeProvider time)
    {
        _time = time;
        _registrations = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT }.Select(Register)];

        PosixSignalRegistration Register(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
        {
            // Without this the runtime would end the process as soon as the handler returns.
            context.Cancel = true;
            Hear();
        });
    }

    public Task Stop => _stop.Task;

    public CancellationToken StopNow => _stopNow.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stopNow.Dispose();
    }

    /// <summary>What a signal does. The runtime may run two handlers at once.</summary>
    internal void Hear()
    {
        lock (_stopNow)
        {
            if (!_stop.Task.IsCompleted)
            {
                _firstAt = _time.GetTimestamp();
                _stop.SetResult();
            }
            else if (_time.GetElapsedTime(_firstAt) >= Echo)
                _stopNow.Cancel();
        }
    }
}
