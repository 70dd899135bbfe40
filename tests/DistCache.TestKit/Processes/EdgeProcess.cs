using System.Net;

namespace DistCache.TestKit;

/// <summary>The built edge as a real process on free ports of 127.0.0.1, in an empty folder of its own.</summary>
public sealed class EdgeProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>A process' first report of its metrics costs a second of its processor's time, which it has to share here.</summary>
    private static readonly HttpClient Scraper = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly TemporaryFolder _folder = new();
    private readonly EdgeStart _start;

    private EdgeProcess(EdgeStart start)
    {
        (_start, Port, AdminPort) = (start, start.Port ?? Ports.Free(), start.AdminPort ?? Ports.Free());
        Process = Begin();
    }

    /// <summary>The data port.</summary>
    public int Port { get; }

    /// <summary>The data port with TLS; nobody listens there unless <see cref="EdgeStart.Tls"/> was set.</summary>
    public int TlsPort { get; } = Ports.Free();

    public int AdminPort { get; }

    public Uri Url => new($"http://127.0.0.1:{Port}");

    public Uri AdminUrl => new($"http://127.0.0.1:{AdminPort}");

    /// <summary>The process itself: output, memory, signals. Another one after <see cref="RestartAsync"/>.</summary>
    public ChildProcess Process { get; private set; }

    /// <summary>The folder that it runs in; the configuration is <c>edge.json</c> there.</summary>
    public string Folder => _folder.Path;

    public static Task<EdgeProcess> StartAsync(Uri origin, string? preset = null, string? memory = null) =>
        StartAsync(new EdgeStart { Origin = origin, Preset = preset, Memory = memory });

    /// <summary>Starts an edge and waits until <c>GET /readyz</c> on its admin port says 200; throws with its output after 30 s.</summary>
    public static async Task<EdgeProcess> StartAsync(EdgeStart start)
    {
        var edge = new EdgeProcess(start);
        try
        {
            await edge.WaitUntilReadyAsync();
            return edge;
        }
        catch
        {
            await edge.DisposeAsync();
            throw;
        }
    }

    /// <summary>A raw connection to the data port.</summary>
    public Task<RawClient> ConnectAsync(int? receiveBuffer = null) => RawClient.ConnectAsync(Port, receiveBuffer: receiveBuffer);

    /// <summary>HTTP/2 over TLS.</summary>
    public Task<RawHttp2Client> ConnectHttp2Async() => RawHttp2Client.ConnectTlsAsync(TlsPort);

    /// <summary>One GET on a connection of its own.</summary>
    public async Task<RawAnswer> GetAsync(string target, params string[] fieldLines)
    {
        await using var client = await ConnectAsync();
        return await client.GetAsync(target, fieldLines);
    }

    public async Task WaitUntilReadyAsync()
    {
        var asked = TimeProvider.System.GetTimestamp();
        while (!await IsReadyAsync())
        {
            if (Process.HasExited)
                throw new WireException($"The edge ended with {Process.ExitCode} before it was ready.\n{await AllOutputAsync()}");
            if (TimeProvider.System.GetElapsedTime(asked) > ReadyWithin)
                throw new WireException($"The edge was not ready within {ReadyWithin}.\n{Process.Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(25)); // The only way to know about another process is to ask again.
        }
    }

    /// <summary>What <c>GET /metrics</c> says, a line each.</summary>
    public async Task<IReadOnlyList<string>> MetricsAsync() => (await Scraper.GetStringAsync(new Uri(AdminUrl, "/metrics"))).Split('\n');

    /// <summary>kill -9, and its end.</summary>
    public async Task KillAsync()
    {
        Process.Send(Signal.Kill);
        await Process.WaitForExitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>Starts it again on the same ports and in the same folder, after <see cref="KillAsync"/> or out of its work, and waits until it is ready.</summary>
    public async Task RestartAsync()
    {
        await Process.DisposeAsync();
        Process = Begin();
        await WaitUntilReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Dispose();
    }

    private ChildProcess Begin() => File.Exists(Repository.EdgeProgram)
        ? ChildProcess.Start(Repository.EdgeProgram, _start.CommandLine(Port, TlsPort, AdminPort, _folder), _folder.Path, _start.Variables(_folder))
        : throw new FileNotFoundException("The edge is not built: dotnet build src/DistCache.Edge", Repository.EdgeProgram);

    private async Task<string> AllOutputAsync()
    {
        await Process.WaitForExitAsync(TimeSpan.FromSeconds(5));
        return Process.Output;
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(AdminUrl, "/readyz"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
