namespace DistCache.TestKit;

/// <summary>Waits for a condition over shared state: whoever changes the state beats, and each waiter looks again. No polling.</summary>
internal sealed class Pulse
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _next = New();

    public void Beat()
    {
        TaskCompletionSource beaten;
        lock (_lock)
            (beaten, _next) = (_next, New());
        beaten.SetResult();
    }

    public async Task WaitAsync(Func<bool> condition, CancellationToken cancellation)
    {
        while (true)
        {
            Task next;
            lock (_lock)
                next = _next.Task; // Taken before looking: a change after the look is not missed.
            if (condition())
                return;
            await next.WaitAsync(cancellation);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
