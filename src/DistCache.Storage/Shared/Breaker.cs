namespace DistCache.Storage.Shared;

/// <summary>
/// Opens after <see cref="MostFailures"/> failures in a row: from then on nobody waits for the store. It is asked in the background, every
/// <see cref="ProbeInterval"/>, and the first answer in time closes the breaker again; no request pays for trying.
/// </summary>
internal sealed class Breaker(Func<Task> ping, TimeSpan limit, TimeProvider time, CancellationToken end)
{
    public const int MostFailures = 3;
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(250);

    private int _failures;
    private int _isOpen;

    public bool IsOpen => Volatile.Read(ref _isOpen) != 0;

    public void Succeeded() => Volatile.Write(ref _failures, 0);

    public void Failed()
    {
        if (Interlocked.Increment(ref _failures) >= MostFailures && Interlocked.Exchange(ref _isOpen, 1) == 0)
            _ = ProbeAsync();
    }

    private async Task ProbeAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(ProbeInterval, time, end).ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
                if (await AnswersAsync())
                    break;
            }
            Volatile.Write(ref _failures, 0);
            Volatile.Write(ref _isOpen, 0);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            var answer = ping();
            SharedTier.Forget(answer);
            await answer.WaitAsync(limit, time, end);
            return true;
        }
        catch (Exception) when (!end.IsCancellationRequested)
        {
            return false; // whatever the client throws while nobody answers
        }
    }
}
