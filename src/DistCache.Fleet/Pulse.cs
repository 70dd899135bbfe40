namespace DistCache.Fleet;

/// <summary>Wakes whoever took <see cref="Next"/> before it is set.</summary>
internal sealed class Pulse
{
    private TaskCompletionSource _next = New();

    public Task Next => NextAsync();

    public void Set() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    // Awaited here: Task.WhenAny would go on from it on a thread of the pool even where its caller has a context to go on in.
    private async Task NextAsync() => await Volatile.Read(ref _next).Task;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
