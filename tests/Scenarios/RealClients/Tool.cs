using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.RealClients;

/// <summary>A program of the machine, run to its end.</summary>
internal static class Tool
{
    /// <summary>Runs it and gives its output; a failing one fails the test, a missing one skips it.</summary>
    public static async Task<string> RunAsync(string name, params string[] arguments)
    {
        var program = $"/usr/bin/{name}";
        Assert.SkipUnless(File.Exists(program), $"{name} is not installed.");
        await using var process = ChildProcess.Start(program, arguments);
        var code = await process.WaitForExitAsync(TimeSpan.FromMinutes(3));
        Assert.True(code == 0, $"{name} {string.Join(' ', arguments)} ended with {code}\n{process.Output}");
        return process.Output;
    }
}
