using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace DistCache.Edge.Tests.Kit;

/// <summary>The real executable in a process of its own, from another current directory than its own.</summary>
internal sealed partial class BuiltProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BuiltProgram(string[] args, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "DistCache.Edge.exe" : "DistCache.Edge"), args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) =>
        {
            lock (_output)
                _output.AppendLine(line.Data);

            // The last line of the message that is always there, or all of it in JSON.
            if (line.Data is null || line.Data.StartsWith("  try ", StringComparison.Ordinal) || line.Data.StartsWith('{'))
                _started.TrySetResult();
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_error)
                _error.AppendLine(line.Data);
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => Text(_output);

    public string Error => Text(_error);

    /// <summary>The URLs of the data ports in order.</summary>
    public IReadOnlyList<Uri> Data => [.. CachingLine().Matches(Output).Select(match => new Uri(match.Groups[1].Value))];

    public Uri Admin => new(AdminLine().Match(Output).Groups[1].Value);

    /// <summary>Runs to the end: exit code and what it wrote.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(string[] args, params (string Name, string Value)[] environment)
    {
        await using var program = new BuiltProgram(args, environment.ToDictionary(pair => pair.Name, pair => pair.Value));
        return (await program.ExitAsync(), program.Output, program.Error);
    }

    /// <summary>Starts and waits for the start message. Ports are the system's choice.</summary>
    public static async Task<BuiltProgram> StartAsync(string[] args, params (string Name, string Value)[] environment)
    {
        var program = new BuiltProgram([.. args, "--admin", "http://127.0.0.1:0"], environment.ToDictionary(pair => pair.Name, pair => pair.Value));
        try
        {
            await program._started.Task.WaitAsync(Patience);
            Assert.False(program._process.HasExited, program.Error);
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
            return text.ToString().Trim();
    }

    [GeneratedRegex(@"^  caching .* -> (\S+)", RegexOptions.Multiline)]
    private static partial Regex CachingLine();

    [GeneratedRegex(@"^  admin +(\S+)", RegexOptions.Multiline)]
    private static partial Regex AdminLine();
}
