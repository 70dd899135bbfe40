namespace DistCache.Proxy.Tests.Kit;

/// <summary>For what happens in the background, without a signal of its own: asked again and again, 20 s at most.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
