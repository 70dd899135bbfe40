namespace DistCache.Storage.Memory;

/// <summary>
/// The tier's one lock, for changes. Who works step by step lets one who waits pass between two steps: a lock is not fair by itself, and who asks for it
/// again at once gets it a hundred times before a thread that has to wake up first.
/// </summary>
internal sealed class TierGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _passed;
    private int _waiting;

    internal bool IsAwaited => Volatile.Read(ref _waiting) > 0;

    public Turn Enter()
    {
        if (!_lock.TryEnter())
            Wait();
        return new(_lock);
    }

    /// <summary>False: somebody else has it.</summary>
    public bool TryEnter(out Turn turn)
    {
        turn = new(_lock);
        return _lock.TryEnter();
    }

    /// <summary>When one of those who wait now has got in; at once where nobody waits. Not to be called by who has it.</summary>
    public async ValueTask LetPassAsync()
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _passed, passed)?.TrySetResult(); // another one who works step by step goes on
        if (IsAwaited)
            await passed.Task;
        else
            await Task.Yield();
    }

    private void Wait()
    {
        Interlocked.Increment(ref _waiting);
        _lock.Enter();
        Interlocked.Decrement(ref _waiting);
        Interlocked.Exchange(ref _passed, null)?.TrySetResult(); // behind the count: who has not seen us there is told
    }

    /// <summary>To be disposed of by the thread that entered, once.</summary>
    internal readonly ref struct Turn(Lock entered)
    {
        public void Dispose() => entered.Exit();
    }
}
