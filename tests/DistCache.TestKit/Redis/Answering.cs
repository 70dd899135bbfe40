using System.Net.Sockets;
using System.Security.Authentication;

namespace DistCache.TestKit;

/// <summary>Waits for another process, which can only be asked.</summary>
internal static class Answering
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(20);

    public static async Task UntilAsync(ChildProcess process, string name, Func<Task<bool>> answers)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await TryAsync(answers))
        {
            if (process.HasExited)
                throw new WireException($"{name} ended with {process.ExitCode} before it was ready.\n{process.Output}");
            if (TimeProvider.System.GetElapsedTime(start) > Most)
                throw new WireException($"{name} was not ready within {Most}.\n{process.Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    private static async Task<bool> TryAsync(Func<Task<bool>> answers)
    {
        try
        {
            return await answers();
        }
        catch (Exception error) when (error is SocketException or WireException or IOException or AuthenticationException)
        {
            return false; // Not there yet, or still loading its files.
        }
    }
}
