using System.Collections.Concurrent;
using DistCache.TestKit;

namespace DistCache.Scenarios.Faults;

/// <summary>Clients that ask one after the other until they are told to stop, on connections that they keep. Every answer is judged.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _enough = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Task[] _clients;
    private long _answered;

    /// <param name="connect">A new connection.</param>
    /// <param name="target">The target of the n-th request of a client.</param>
    /// <param name="isGood">Whether an answer is what it has to be.</param>
    public SteadyLoad(int clients, Func<Task<RawClient>> connect, Func<int, int, string> target, Func<RawAnswer, bool> isGood) =>
        _clients = [.. Enumerable.Range(0, clients).Select(client => Task.Run(() => AskAsync(client, connect, target, isGood)))];

    public long Answered => Interlocked.Read(ref _answered);

    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Waits until that many more answers have come.</summary>
    public async Task MoreAsync(int answers)
    {
        var goal = Answered + answers;
        while (Answered < goal && !_clients.All(client => client.IsCompleted))
            await Task.Delay(5); // nothing signals a count
    }

    public async Task StopAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _enough.Dispose();
    }

    private async Task AskAsync(int client, Func<Task<RawClient>> connect, Func<int, int, string> target, Func<RawAnswer, bool> isGood)
    {
        var connection = await connect();
        for (var i = 0; !_enough.IsCancellationRequested; i++)
        {
            try
            {
                var answer = await connection.GetAsync(target(client, i));
                Interlocked.Increment(ref _answered);
                if (!isGood(answer))
                    _failures.Enqueue($"{target(client, i)}: {answer.Status} {answer.End} {answer.BodyLength}");
            }
            catch (WireException error)
            {
                _failures.Enqueue($"{target(client, i)}: {error.Message}");
                await connection.DisposeAsync();
                connection = await connect();
            }
        }

        await connection.DisposeAsync();
    }
}
