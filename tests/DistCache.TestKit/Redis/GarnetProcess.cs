using System.Text.Json;

namespace DistCache.TestKit;

/// <summary>
/// Garnet, the store that needs no root: a .NET local tool, pinned in <c>.config/dotnet-tools.json</c>, on a port of 127.0.0.1 and with Lua. Where
/// it cannot be restored <see cref="Missing"/> says why, and its tests are skipped with that.
/// </summary>
public sealed class GarnetProcess : IAsyncDisposable
{
    private const string Package = "garnet-server";
    private static readonly Lazy<Task<(string? Program, string? Missing)>> Restored = new(RestoreAsync);
    private readonly TemporaryFolder _folder = new();
    private readonly string _program;

    private GarnetProcess(string program)
    {
        _program = program;
        Process = Begin();
    }

    public int Port { get; } = Ports.Free();

    public ChildProcess Process { get; private set; }

    public string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>Null: it can be started.</summary>
    public static async Task<string?> MissingAsync() => (await Restored.Value).Missing;

    public static async Task<GarnetProcess> StartAsync()
    {
        var (program, missing) = await Restored.Value;
        var garnet = new GarnetProcess(program ?? throw new FileNotFoundException(missing));
        try
        {
            await garnet.WaitUntilReadyAsync();
            return garnet;
        }
        catch
        {
            await garnet.DisposeAsync();
            throw;
        }
    }

    public async Task<string> CommandAsync(params string[] words)
    {
        await using var client = await RespClient.ConnectAsync(Port);
        return await client.TextAsync(words);
    }

    /// <summary>kill -9, and its end.</summary>
    public async Task KillAsync()
    {
        Process.Send(Signal.Kill);
        await Process.WaitForExitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>Starts it again on the same port, empty.</summary>
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

    // Without transactions Garnet runs scripts beside one another: two appends would take one position.
    // The tool's program itself: 'dotnet tool run' would start it as a child of its own, which a kill would miss.
    private ChildProcess Begin() => ChildProcess.Start(
        "dotnet", [_program, "--bind", "127.0.0.1", "--port", $"{Port}", "--lua", "true", "--lua-transaction-mode", "true", "--memory", "256m", "--index", "16m"], _folder.Path);

    private Task WaitUntilReadyAsync() => Answering.UntilAsync(Process, "garnet-server", async () => await CommandAsync("PING") == "PONG");

    private static async Task<(string? Program, string? Missing)> RestoreAsync()
    {
        var path = ProgramPath();
        if (File.Exists(path))
            return (path, null);
        await using var restore = ChildProcess.Start("dotnet", ["tool", "restore"], Repository.Root);
        var code = await restore.WaitForExitAsync(TimeSpan.FromMinutes(2));
        return code == 0 && File.Exists(path) ? (path, null) : (null, $"{Package} cannot be restored: {restore.Output.Trim()}");
    }

    private static string ProgramPath()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Path.Combine(packages, Package, Version(), "tools", "net10.0", "any", "GarnetServer.dll");
    }

    private static string Version()
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, ".config", "dotnet-tools.json")));
        return manifest.RootElement.GetProperty("tools").GetProperty(Package).GetProperty("version").GetString()!;
    }
}
