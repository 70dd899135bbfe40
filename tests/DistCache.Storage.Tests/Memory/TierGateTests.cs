using System.Collections.Concurrent;
using DistCache.Storage.Memory;
using DistCache.TestKit;

namespace DistCache.Storage.Tests.Memory;

/// <summary>Who works step by step lets one who waits pass between two steps.</summary>
public sealed class TierGateTests
{
    private readonly TierGate _gate = new();
    private readonly ConcurrentQueue<string> _order = [];

    [Fact]
    public async Task Who_waits_gets_in_before_the_next_step()
    {
        using var end = new ManualResetEventSlim();
        var step = Begin("step", end);
        await Eventually.TrueAsync(() => !_order.IsEmpty);
        var waiter = Begin("who waits");
        await Eventually.TrueAsync(() => _gate.IsAwaited);
        var passing = _gate.LetPassAsync().AsTask();
        for (var turn = 0; turn < 1000; turn++) // of the pool: one that lets nobody pass is through after its own
        {
            await Task.Yield();
            Assert.False(passing.IsCompleted);
        }
        end.Set();
        await passing;
        var next = Begin("next step");
        await Task.WhenAll(step, waiter, next);
        Assert.Equal(["step", "who waits", "next step"], _order);
    }

    [Fact]
    public async Task Nobody_is_waited_for_where_nobody_waits()
    {
        await Begin("step");
        await _gate.LetPassAsync();
        await Begin("next step");
    }

    [Fact] // a reload while another one is under way
    public async Task Of_two_who_work_step_by_step_neither_waits_for_ever()
    {
        using var end = new ManualResetEventSlim();
        var step = Begin("step", end);
        await Eventually.TrueAsync(() => !_order.IsEmpty);
        var waiter = Begin("who waits");
        await Eventually.TrueAsync(() => _gate.IsAwaited);
        var (first, second) = (_gate.LetPassAsync().AsTask(), _gate.LetPassAsync().AsTask());
        end.Set();
        await Task.WhenAll(first, second, step, waiter).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    /// <summary>On a thread of its own.</summary>
    private Task Begin(string name, ManualResetEventSlim? until = null) => Task.Factory.StartNew(
        () =>
        {
            using var turn = _gate.Enter();
            _order.Enqueue(name);
            until?.Wait();
        },
        TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
