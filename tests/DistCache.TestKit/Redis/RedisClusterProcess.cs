namespace DistCache.TestKit;

/// <summary>
/// A Redis Cluster of three primaries with a replica each, made by <c>redis-cli --cluster create</c>. A primary that dies is replaced after
/// <see cref="NodeTimeout"/> and an election.
/// </summary>
public sealed class RedisClusterProcess : IAsyncDisposable
{
    public const int Primaries = 3;

    private RedisClusterProcess(IReadOnlyList<RedisProcess> nodes) => Nodes = nodes;

    /// <summary>How long a node is silent until the others take it for dead.</summary>
    public static TimeSpan NodeTimeout { get; } = TimeSpan.FromSeconds(2);

    public static string? Cli { get; } = Array.Find(["/usr/bin/redis-cli", "/usr/local/bin/redis-cli"], File.Exists);

    /// <summary>All six; the first three began as primaries.</summary>
    public IReadOnlyList<RedisProcess> Nodes { get; }

    /// <summary>For StackExchange.Redis: every node.</summary>
    public string ConnectionString => string.Join(',', Nodes.Select(node => node.ConnectionString));

    public static async Task<RedisClusterProcess> StartAsync()
    {
        var nodes = new List<RedisProcess>();
        try
        {
            var addresses = new List<string>();
            for (var i = 0; i < Primaries * 2; i++)
            {
                var bus = Ports.Free(); // By itself the bus takes the port + 10000, which may be another's.
                var node = await RedisProcess.StartAsync(new RedisStart { Arguments = Arguments(bus) });
                nodes.Add(node);
                addresses.Add($"127.0.0.1:{node.Port}@{bus}");
            }

            var cluster = new RedisClusterProcess(nodes);
            await CliAsync(["--cluster", "create", .. addresses, "--cluster-replicas", "1", "--cluster-yes"]);
            await cluster.WaitUntilWholeAsync();
            return cluster;
        }
        catch
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>The node that owns the slot of a key now.</summary>
    public async Task<RedisProcess> PrimaryOfAsync(string key)
    {
        var asked = await AnyAsync();
        var slot = await asked.CommandAsync("CLUSTER", "KEYSLOT", key);
        var owner = (await LinesAsync(asked)).Single(line => line.IsPrimary && !line.Failed && line.Owns(int.Parse(slot)));
        return Nodes.Single(node => node.Port == owner.Port);
    }

    /// <summary>One that owns other slots.</summary>
    public async Task<RedisProcess> PrimaryBesideAsync(RedisProcess node)
    {
        var other = (await LinesAsync(await AnyAsync())).First(line => line is { IsPrimary: true, Failed: false, Slots.Count: > 0 } && line.Port != node.Port);
        return Nodes.Single(one => one.Port == other.Port);
    }

    /// <summary>Moves slots, with what lies in them, from one primary to another while both serve (MOVED and ASK for the clients).</summary>
    public async Task MoveSlotsAsync(RedisProcess from, RedisProcess to, int slots)
    {
        await WaitUntilAgreedAsync();
        await CliAsync(
        [
            "--cluster", "reshard", $"127.0.0.1:{from.Port}", "--cluster-from", await from.CommandAsync("CLUSTER", "MYID"),
            "--cluster-to", await to.CommandAsync("CLUSTER", "MYID"), "--cluster-slots", $"{slots}", "--cluster-yes",
        ]);
    }

    /// <summary>Moves the slot of that key as a reshard does, one key after another: between two of them a script that wants both is told to try again.</summary>
    public async Task MoveSlotOfAsync(string key, RedisProcess to)
    {
        var from = await PrimaryOfAsync(key);
        var slot = await from.CommandAsync("CLUSTER", "KEYSLOT", key);
        await to.CommandAsync("CLUSTER", "SETSLOT", slot, "IMPORTING", await from.CommandAsync("CLUSTER", "MYID"));
        await from.CommandAsync("CLUSTER", "SETSLOT", slot, "MIGRATING", await to.CommandAsync("CLUSTER", "MYID"));
        while (await from.CommandAsync("CLUSTER", "GETKEYSINSLOT", slot, "1") is { Length: > 0 } next)
            await from.CommandAsync("MIGRATE", "127.0.0.1", $"{to.Port}", next, "0", "5000");
        foreach (var primary in new[] { to, from })
            await primary.CommandAsync("CLUSTER", "SETSLOT", slot, "NODE", await to.CommandAsync("CLUSTER", "MYID"));
    }

    /// <summary>Waits until every slot has a primary that answers.</summary>
    public async Task WaitUntilWholeAsync()
    {
        foreach (var node in Nodes.Where(node => !node.Process.HasExited))
            await Answering.UntilAsync(node.Process, "the cluster", async () =>
                (await node.CommandAsync("CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal)
                && await EverySlotHasAPrimaryAsync(node));
    }

    /// <summary>Waits until all know of the same owners: the gossip of the last change may be under way still, and redis-cli moves nothing until then.</summary>
    private async Task WaitUntilAgreedAsync()
    {
        foreach (var node in Nodes.Where(node => !node.Process.HasExited))
            await Answering.UntilAsync(node.Process, "the cluster's agreement", async () => await OwnersAsync(node) == await OwnersAsync(Nodes.First(one => !one.Process.HasExited)));

        static async Task<string> OwnersAsync(RedisProcess node) => string.Join(
            ' ', (await LinesAsync(node)).Where(line => line is { IsPrimary: true, Slots.Count: > 0 }).OrderBy(line => line.Port).Select(line => $"{line.Port}: {string.Join(',', line.Slots)}"));
    }

    /// <summary>Waits until a replica has all that its primary has taken so far. WAIT cannot tell: it speaks of what its own connection has written.</summary>
    public static Task WaitUntilReplicatedAsync(RedisProcess primary) => Answering.UntilAsync(primary.Process, "the replica", async () =>
    {
        var lines = (await primary.CommandAsync("INFO", "replication")).Split("\r\n");
        var written = lines.Single(line => line.StartsWith("master_repl_offset:", StringComparison.Ordinal))["master_repl_offset:".Length..];
        return lines.Any(line => line.StartsWith("slave", StringComparison.Ordinal) && line.Contains("state=online", StringComparison.Ordinal) && line.Contains($"offset={written},", StringComparison.Ordinal));
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
    }

    private static string[] Arguments(int busPort) =>
    [
        "--cluster-enabled", "yes", "--cluster-port", $"{busPort}", "--cluster-node-timeout", $"{(int)NodeTimeout.TotalMilliseconds}",
        "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0",
    ];

    /// <summary>A view in which a dead primary still owns its slots is not whole, whatever its state says.</summary>
    private async Task<bool> EverySlotHasAPrimaryAsync(RedisProcess node)
    {
        var alive = (await LinesAsync(node)).Where(line => line.IsPrimary && !line.Failed && IsAlive(line.Port)).ToArray();
        return Enumerable.Range(0, 16384).All(slot => alive.Any(line => line.Owns(slot)));
    }

    private bool IsAlive(int port) => Nodes.Any(node => node.Port == port && !node.Process.HasExited);

    private async Task<RedisProcess> AnyAsync()
    {
        await WaitUntilWholeAsync();
        return Nodes.First(node => !node.Process.HasExited);
    }

    private static async Task<IReadOnlyList<ClusterLine>> LinesAsync(RedisProcess node) =>
        [.. (await node.CommandAsync("CLUSTER", "NODES")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ClusterLine.Parse)];

    private static async Task CliAsync(string[] arguments)
    {
        await using var cli = ChildProcess.Start(Cli ?? throw new FileNotFoundException("redis-cli is not installed."), arguments);
        if (await cli.WaitForExitAsync(TimeSpan.FromSeconds(60)) != 0)
            throw new WireException($"redis-cli {string.Join(' ', arguments)}\n{cli.Output}");
    }
}
