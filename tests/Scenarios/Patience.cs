using Xunit;

namespace DistCache.Scenarios;

/// <summary>Waiting for what another process does, which can only be asked.</summary>
internal static class Patience
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(5);

    /// <param name="isSo">Asked again and again until it is; the test fails when it never is.</param>
    /// <param name="seen">What was seen last, for the failure.</param>
    public static async Task UntilAsync(Func<Task<bool>> isSo, Func<string>? seen = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Most, seen?.Invoke());
            await Task.Delay(Between, TestContext.Current.CancellationToken);
        }
    }
}
