namespace DistCache.TestKit;

/// <summary>For what happens in the background, without a signal of its own: asked again and again, a minute at most.</summary>
public static class Eventually
{
    public static Task TrueAsync(Func<bool> condition) => TrueAsync(() => Task.FromResult(condition()));

    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await condition())
            await Task.Delay(1, patience.Token);
    }
}
