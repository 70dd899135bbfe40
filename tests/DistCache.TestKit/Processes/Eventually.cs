namespace DistCache.TestKit;

/// <summary>For what happens in the background or in another process, without a signal of its own: asked again and again, 20 s at most.</summary>
public static class Eventually
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(20);

    public static Task TrueAsync(Func<bool> condition, Func<string>? seen = null) => TrueAsync(() => Task.FromResult(condition()), seen);

    /// <param name="seen">What was seen last, for the failure.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string>? seen = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Most)
                throw new TimeoutException($"Not so within {Most}. {seen?.Invoke()}");
            await Task.Delay(1);
        }
    }
}
