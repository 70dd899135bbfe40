using DistCache.Edge.CommandLine;
using DistCache.Edge.Hosts;
using DistCache.Proxy.Requests;

namespace DistCache.Edge;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        // Both must come before anything that opens a socket or builds a host: the runtime reads them once.
        try
        {
            StrictKestrel.ConfigureProcess();
        }
        catch (InvalidOperationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.ToBePutRight;
        }

        SocketTuning.Apply();

        var command = new EdgeCommand();
        var parsed = command.Parse(args);
        if (command.Refusal(parsed) is { } refusal)
        {
            await Console.Error.WriteLineAsync($"{refusal} Try 'DistCache.Edge --help'.");
            return ExitCode.ToBePutRight;
        }

        return command.IsRun(parsed)
            ? await EdgeProcess.RunAsync(command.Read(parsed), Console.Out, Console.Error)
            : await parsed.InvokeAsync();
    }
}
