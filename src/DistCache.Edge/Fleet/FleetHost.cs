using System.Globalization;
using DistCache.Edge.Node;
using DistCache.Fleet;
using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Redis.Connections;
using DistCache.Redis.PurgeLogs;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Fleet;

/// <summary>This process as a member of its fleet: the log, the journal, and what an operator should know of them.</summary>
internal sealed class FleetHost : IHealthDetail, IAsyncDisposable
{
    /// <summary>A log that is absent keeps nobody from starting: the node then validates what it serves.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly PurgeIndex _index = new();
    private readonly RedisConnection? _connection;
    private readonly RedisPurgeLog? _shared;
    private readonly FilePurgeLog? _file;
    private readonly FileJournal? _journal;
    private readonly string? _noJournal;
    private readonly PurgeLogOptions _options;

    private FleetHost(PurgeLogOptions options, NodeOptions node, RedisConnection? connection, TimeProvider time)
    {
        (_options, _connection) = (options, connection);
        var run = PurgeRecord.NewId();
        IPurgeLog log;
        if (connection is not null)
        {
            log = _shared = new RedisPurgeLog(connection, takeOver: options.TakeOver);
            _journal = OpenJournal(options.File ?? DefaultJournal(node.Id), isChosen: options.File is not null, run, out _noJournal);
        }
        else
        {
            log = options.File is { } path ? _file = new FilePurgeLog(path, time) : new MemoryPurgeLog(time);
        }
        Node = new(log, _journal, _index, new()
        {
            Node = node.Id, Region = node.Region, Address = node.Address ?? "", DataAddress = node.DataAddress ?? "", Version = StartMessage.Version, Run = run,
            Replaces = _journal?.LastRun ?? 0, Lease = new(options.Lease),
        }, time);
    }

    public FleetNode Node { get; }

    /// <summary>Where the log is, for people, without any secret.</summary>
    public string Place => _connection is { } there ? $"in Redis at {there.Endpoints}" : _options.File is { } file ? $"of this node alone, in {file}" : "of this node alone, in memory";

    string IHealthDetail.Name => "purge-log";

    IReadOnlyList<string> IHealthDetail.Problems
    {
        get
        {
            var problems = new List<string>();
            if (_file?.Trouble is { } refused)
                problems.Add($"{PurgeLogOptions.FileKey}: {refused} Purges are refused until it can be written.");
            if (_noJournal is not null)
                problems.Add(_noJournal);
            if (_journal?.Trouble is { } unwritten)
                problems.Add($"Journal: {unwritten} No purge counts as applied here until it can be written.");
            if (_connection is null)
                return problems;
            if (_connection.Refused is { } shutOut)
                problems.Add($"The server at {_connection.Endpoints} {shutOut} in {_options.RedisSetting}.");
            if (!Node.IsReached)
                problems.Add($"The purge log at {_connection.Endpoints} does not answer: purges are refused{(Node.HoldsLease ? ", and once the lease has run out what is stored is validated" : "")}.");
            if (!Node.HoldsLease)
                problems.Add("No lease: what is stored is validated with the origin before it answers.");
            problems.AddRange(Node.WaitedForWithoutEnd().Select(member => Blocks(member.Row, member.Silent)));
            return problems;
        }
    }

    /// <summary>Throws <see cref="IOException"/>, <see cref="InvalidDataException"/> or <see cref="UnauthorizedAccessException"/>, with what is to be done, where a chosen file cannot be used.</summary>
    public static async Task<FleetHost> OpenAsync(PurgeLogOptions options, NodeOptions node, ILogger logger, TimeProvider time)
    {
        var connection = options.Redis is not { } redis ? null
            : await RedisConnection.OpenAsync(redis, $"distcache-{node.Id}-purges", refused => Log.StoreRefuses(logger, options.RedisSetting, refused));
        try
        {
            var host = new FleetHost(options, node, connection, time);
            host.Node.Failed += e => Log.BeatFailed(logger, e);
            return host;
        }
        catch
        {
            if (connection is not null)
                await connection.DisposeAsync();
            throw;
        }
    }

    private static string Blocks(MemberRow member, TimeSpan silent) => string.Create(
        CultureInfo.InvariantCulture,
        $"Node {member.Node} ({member.Region}) has been silent for {silent.TotalSeconds:0} s, and purges wait for it without end, for {(member.Fences ? "the log is replicated, and nobody can be sure that the lease is over" : "it serves on without a lease")}. If it is gone for good: DistCache.Edge node forget {member.Node}.");

    /// <summary>Before the request path, which would make this node one that is alone.</summary>
    public void AddTo(IServiceCollection services) => services.AddSingleton(_index).AddSingleton(Node).AddSingleton<IStampClock>(Node);

    public async Task StartAsync(ILogger logger)
    {
        await Node.StartAsync(Patience);
        if (_shared is null || !Node.IsReached)
            return;
        foreach (var doubt in await _shared.DoubtsAsync(CancellationToken.None))
            Log.PurgeLogDoubtful(logger, _connection!.Endpoints, doubt);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _journal?.Dispose();
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    private static FileJournal? OpenJournal(string path, bool isChosen, ulong run, out string? problem)
    {
        problem = null;
        try
        {
            return new FileJournal(path, run);
        }
        catch (Exception e) when (!isChosen && e is IOException or UnauthorizedAccessException)
        {
            problem = string.Create(CultureInfo.InvariantCulture, $"No journal at {path} ({e.Message.TrimEnd('.')}): a purge that the log loses while this node restarts may be lost. Name a file that this process alone may write in {PurgeLogOptions.FileKey}.");
            return null;
        }
    }

    // As systemd has it, then as a user's programs do.
    private static string DefaultJournal(string node)
    {
        var state = Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } given
            ? given.Split(':')[0]
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) is { Length: > 0 } local ? local : Path.GetTempPath(), "distcache");
        return Path.Combine(state, node + ".purges");
    }
}
