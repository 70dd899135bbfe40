using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DistCache.LoadTests;

/// <summary>A server on its own core, with what it costs. Ended by its process id, and its children with it.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly double TicksPerSecond = 100; // USER_HZ of every Linux that .NET runs on
    private readonly Process _process;
    private readonly string _log;

    private ServerProcess(Process process, string log) => (_process, _log) = (process, log);

    public static ServerProcess Start(string folder, string file, IEnumerable<string> arguments, int core = Cores.Server, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var log = Path.Combine(folder, "log");
        // The shell's redirections cost no thread of ours; exec keeps the id.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec taskset -c \"$0\" \"$@\" >>\"$log\" 2>&1 </dev/null", core.ToString(CultureInfo.InvariantCulture), log, file, .. arguments]) { WorkingDirectory = folder };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return new(Process.Start(start)!, log);
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>Of the process and its children.</summary>
    public IReadOnlyList<int> Ids => [.. Tree()];

    public string Log => File.Exists(_log) ? File.ReadAllText(_log) : "";

    /// <summary>User and system time of the process and its children so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            double ticks = 0;
            foreach (var id in Tree())
                if (Stat(id) is { } stat)
                    ticks += double.Parse(stat[11], CultureInfo.InvariantCulture) + double.Parse(stat[12], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds(ticks / TicksPerSecond);
        }
    }

    public long ResidentBytes => Tree().Sum(id => Stat(id) is { } stat ? long.Parse(stat[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0);

    /// <summary>Until <paramref name="url"/> answers 200.</summary>
    public async Task WaitAsync(Uri url)
    {
        using var client = new HttpClient();
        for (var until = Stopwatch.GetTimestamp() + (30 * Stopwatch.Frequency); Stopwatch.GetTimestamp() < until; await Task.Delay(50))
        {
            if (HasEnded)
                break;
            try
            {
                using var answer = await client.GetAsync(url);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
            }
        }
        throw new InvalidOperationException($"{url} did not answer: {Log}");
    }

    /// <summary>Until somebody listens there: one port may be open before the other.</summary>
    public async Task WaitForPortAsync(int port)
    {
        for (var until = Stopwatch.GetTimestamp() + (30 * Stopwatch.Frequency); Stopwatch.GetTimestamp() < until && !HasEnded; await Task.Delay(50))
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
            }
        }
        throw new InvalidOperationException($"nobody listens on port {port}: {Log}");
    }

    public async ValueTask DisposeAsync()
    {
        var tree = Tree().ToArray();
        if (!_process.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await terminate.WaitForExitAsync();
            try
            {
                await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(6));
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        foreach (var id in tree.Skip(1))
            try
            {
                Process.GetProcessById(id).Kill();
            }
            catch (ArgumentException)
            {
            }
        _process.Dispose();
    }

    private IEnumerable<int> Tree()
    {
        var known = new List<int> { _process.Id };
        for (var i = 0; i < known.Count; i++)
        {
            yield return known[i];
            var children = $"/proc/{known[i]}/task/{known[i]}/children";
            if (File.Exists(children))
                known.AddRange(File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)));
        }
    }

    // Behind the name, which may have spaces: state is the first.
    private static string[]? Stat(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
