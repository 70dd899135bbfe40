namespace DistCache.Fleet;

/// <summary>Wakes whoever took <see cref="Next"/> before it is set.</summary>
internal sealed class Pulse
{
    private TaskCompletionSource _next = New();
    private TaskCompletionSource? _takenOf;
    private Task _taken = Task.CompletedTask;

    /// <summary>It is kept until then, whether somebody waits for it or not.</summary>
    public Task Next => NextAsync(Volatile.Read(ref _next));

    /// <summary>The same, for one caller who asks again and again and mostly goes on before it is set: nothing is left behind.</summary>
    public Task NextAgain()
    {
        var next = Volatile.Read(ref _next);
        if (next != _takenOf)
            (_takenOf, _taken) = (next, NextAsync(next));
        return _taken;
    }

    public void Set() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    // Awaited here: Task.WhenAny would go on from it on a thread of the pool even where its caller has a context to go on in.
    private static async Task NextAsync(TaskCompletionSource next) => await next.Task;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
