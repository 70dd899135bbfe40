namespace DistCache.TestKit;

/// <summary>
/// Debian's redis-server on a port of 127.0.0.1, in a folder of its own. It can be killed, frozen and started again on the same port, with the
/// files that it left (none, unless <see cref="RedisStart.AppendOnly"/> or a SAVE made some).
/// </summary>
public sealed class RedisProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RedisStart _start;

    private RedisProcess(RedisStart start)
    {
        (_start, Port) = (start, start.Port ?? Ports.Free());
        Process = Begin();
    }

    /// <summary>Where Debian puts it; null where it is not installed.</summary>
    public static string? Program { get; } = Array.Find(["/usr/bin/redis-server", "/usr/local/bin/redis-server"], File.Exists);

    public int Port { get; }

    /// <summary>The process of now: another one after <see cref="RestartAsync"/>.</summary>
    public ChildProcess Process { get; private set; }

    /// <summary>The folder of its files.</summary>
    public string Folder => _folder.Path;

    /// <summary>For StackExchange.Redis, with password and TLS.</summary>
    public string ConnectionString => ConnectionStringAt(Port);

    public static Task<RedisProcess> StartAsync() => StartAsync(new RedisStart());

    /// <summary>Starts a server and waits until it answers PING; throws with its output after 10 s.</summary>
    public static async Task<RedisProcess> StartAsync(RedisStart start)
    {
        var redis = new RedisProcess(start);
        try
        {
            await redis.WaitUntilReadyAsync();
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary><see cref="ConnectionString"/> by way of another port: that of a fault proxy.</summary>
    public string ConnectionStringAt(int port) =>
        $"{Host}:{port}" + (_start.Password is { } password ? $",password={password}" : "") + (_start.Tls ? ",ssl=true,sslHost=localhost" : "");

    public Task<RespClient> ConnectAsync() => RespClient.ConnectAsync(Port, _start.Password, _start.Tls, Host);

    /// <summary>One command on a connection of its own; see <see cref="RespClient"/>.</summary>
    public async Task<string> CommandAsync(params string[] words)
    {
        await using var client = await ConnectAsync();
        return await client.TextAsync(words);
    }

    /// <summary>kill -9, and its end.</summary>
    public async Task KillAsync()
    {
        Process.Send(Signal.Kill);
        await Process.WaitForExitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>SIGSTOP: the port stays open, nobody answers.</summary>
    public void Freeze() => Process.Send(Signal.Stop);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Process.Send(Signal.Continue);

    /// <summary>Bytes of its append-only file.</summary>
    public long AppendedBytes => AppendedFile is { } file ? new FileInfo(file).Length : 0;

    /// <summary>After <see cref="KillAsync"/>: what it has appended beyond so many bytes it has never had.</summary>
    public void KeepAppended(long bytes)
    {
        if (AppendedFile is not { } path)
            return;
        using var file = File.OpenWrite(path);
        file.SetLength(bytes);
    }

    /// <summary>Starts it again on the same port, after <see cref="KillAsync"/> or out of its work.</summary>
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

    /// <summary>That which grows: it is not rewritten before it has 64 MB.</summary>
    private string? AppendedFile => _start.AppendOnly ? Directory.GetFiles(Path.Combine(Folder, "appendonlydir"), "*.incr.aof").Single() : null;

    /// <summary>In a namespace: by its first wire, which is the test's own.</summary>
    private string Host => _start.Namespace?.AddressOf(0) ?? "127.0.0.1";

    private ChildProcess Begin()
    {
        var program = Program ?? throw new FileNotFoundException("redis-server is not installed.");
        var line = _start.CommandLine(Port, _folder);
        return _start.Namespace is { } there ? ChildProcess.Start("ip", there.Exec(program, line)) : ChildProcess.Start(program, line);
    }

    private Task WaitUntilReadyAsync() => Answering.UntilAsync(Process, "redis-server", async () => await CommandAsync("PING") == "PONG");
}
