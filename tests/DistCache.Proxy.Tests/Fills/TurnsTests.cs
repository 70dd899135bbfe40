using DistCache.Proxy.Fills;
using DistCache.Storage.Keys;

namespace DistCache.Proxy.Tests.Fills;

public sealed class TurnsTests
{
    private static readonly CacheKey Key = new("a"u8);

    private readonly Turns _turns = new();

    private static CancellationToken Patient => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_has_the_turn_and_the_next_in_line_gets_it()
    {
        var first = await _turns.TakeAsync(Key, Patient);
        var second = _turns.TakeAsync(Key, Patient);
        var third = _turns.TakeAsync(Key, Patient);
        Assert.False(second.IsCompleted || third.IsCompleted);
        first.Dispose();
        first.Dispose(); // once only: else two would have the turn
        var held = await second;
        Assert.False(third.IsCompleted);
        held.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public async Task Keys_do_not_wait_for_each_other()
    {
        await _turns.TakeAsync(Key, Patient);
        Assert.True(_turns.TakeAsync(new("b"u8), Patient).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Who_has_no_patience_leaves_the_line_to_the_others()
    {
        using var patience = new CancellationTokenSource();
        var first = await _turns.TakeAsync(Key, Patient);
        var second = _turns.TakeAsync(Key, patience.Token);
        var third = _turns.TakeAsync(Key, Patient);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first.Dispose();
        (await third).Dispose();
        Assert.True(_turns.TakeAsync(Key, Patient).IsCompletedSuccessfully);
    }
}
