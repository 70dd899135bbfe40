using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace DistCache.TestKit;

/// <summary>A process that this test started: its output, its memory, its signals, its end. No other process is ever touched.</summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int KeptOutput = 64 * 1024;
    private static readonly ConcurrentDictionary<int, ChildProcess> Running = new();
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    // Since .NET 10 a signal ends the process without ProcessExit.
    private static readonly PosixSignalRegistration[] Endings =
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, static _ => KillAll()))];

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => KillAll();

    private ChildProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        Running[_process.Id] = this;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Close();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Standard output and error, the last 64 KiB.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Resident memory now, in bytes (VmRSS).</summary>
    public long ResidentBytes => StatusBytes("VmRSS:");

    /// <summary>The most resident memory so far, in bytes (VmHWM).</summary>
    public long PeakResidentBytes => StatusBytes("VmHWM:");

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="program">A path, or a name found on PATH.</param>
    /// <param name="arguments">Passed as they are, no shell between.</param>
    /// <param name="workingDirectory">Null: this process's own.</param>
    /// <param name="environment">Added to this process's own; null removes a variable.</param>
    public static ChildProcess Start(
        string program,
        IEnumerable<string> arguments,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingDirectory ?? "",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return new ChildProcess(start);
    }

    public void Send(Signal signal)
    {
        if (!HasExited)
            _ = Kill(Id, (int)signal);
    }

    /// <summary>Waits for the end, all output read; throws <see cref="WireException"/> with the output when it takes longer.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan patience)
    {
        using var waiting = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(waiting.Token);
            return ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new WireException($"{_process.StartInfo.FileName} ({Id}) did not end within {patience}.\n{Output}");
        }
    }

    /// <summary>SIGTERM, and SIGKILL for one that has not gone 10 s later.</summary>
    public async ValueTask DisposeAsync()
    {
        Send(Signal.Continue); // A stopped process takes no SIGTERM.
        Send(Signal.Terminate);
        try
        {
            await WaitForExitAsync(TimeSpan.FromSeconds(10));
        }
        catch (WireException)
        {
            Send(Signal.Kill);
            await _process.WaitForExitAsync();
        }

        Running.TryRemove(Id, out _);
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    private static void KillAll()
    {
        foreach (var left in Running.Values)
            left.Send(Signal.Kill);
    }

    private long StatusBytes(string name)
    {
        var line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
    }

    private void Keep(string? line)
    {
        if (line is null)
            return; // The end of the stream.
        lock (_output)
        {
            _output.Append(line).Append('\n');
            if (_output.Length > KeptOutput * 2)
                _output.Remove(0, _output.Length - KeptOutput);
        }
    }
}
