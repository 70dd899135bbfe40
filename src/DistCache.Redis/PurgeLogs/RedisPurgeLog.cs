using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Redis.Connections;
using StackExchange.Redis;

namespace DistCache.Redis.PurgeLogs;

/// <summary>
/// The purge log in Redis, Valkey, Garnet or a cluster of them: one sorted set in one slot, read and written at its primary only (rule 2).
/// </summary>
/// <remarks>
/// The store must keep it: no eviction of keys without an end of life (<c>allkeys-*</c>), and what it acknowledged must survive its restart
/// (<c>appendonly yes</c>); otherwise the nodes put back what they hold (rule 9). Garnet runs scripts alone only with
/// <c>--lua --lua-transaction-mode</c>. The connection stays its owner's.
/// </remarks>
public sealed class RedisPurgeLog : IPurgeLog
{
    /// <summary>A record that is put back is as long as a selector list; so many of them hold up nobody else.</summary>
    private const int PutBackAtOnce = 500;

    /// <summary>Bytes of them, beyond which no more are sent in one step.</summary>
    private const long MostPutBackAtOnce = 1 << 20;

    /// <summary>Each step, in the client's words: at the primary, or not at all.</summary>
    private const CommandFlags Primary = CommandFlags.DemandMaster;

    private static readonly TimeSpan DefaultPatience = TimeSpan.FromMilliseconds(400);

    private readonly RedisConnection _connection;
    private readonly RedisKey[] _keys;
    private readonly RedisChannel _channel;
    private readonly ChannelMessageQueue _messages;
    private readonly TimeSpan _patience;
    private readonly TimeSpan? _takeOver;
    private StoreFacts? _facts;
    private volatile bool _wasReplicated;
    private long _reconnects;

    /// <param name="name">Logs of two names in one store have nothing to do with one another.</param>
    /// <param name="takeOver">How long a primary that has lost its place may go on taking writes, where an operator knows it (rule 8: <c>cluster-node-timeout</c>, <c>min-replicas-max-lag</c>); null: zero for a server alone, unknown for all others.</param>
    /// <param name="patience">How long a step may take; 400 ms.</param>
    public RedisPurgeLog(RedisConnection connection, string name = "purges", TimeSpan? takeOver = null, TimeSpan? patience = null)
    {
        (_connection, _takeOver, _patience) = (connection, takeOver, patience ?? DefaultPatience);
        // One tag in braces: one slot in a cluster.
        _keys = [$"dc1:{{{name}}}:log", $"dc1:{{{name}}}:members", $"dc1:{{{name}}}:forgotten"];
        _channel = RedisChannel.Literal($"dc1:{{{name}}}:bell");
        connection.Multiplexer.ConnectionRestored += OnReconnected;
        // In order. The client subscribes when there is a server, and again after each reconnect.
        _messages = connection.Multiplexer.GetSubscriber().Subscribe(_channel, CommandFlags.FireAndForget);
        _messages.OnMessage(message => Ring((byte[])message.Message!));
    }

    public event Action<LogEntry>? Bell;

    public bool IsLocal => false;

    public TimeSpan? TakeOverTime => _takeOver ?? (_facts is { IsAlone: true } && !_wasReplicated && IsOneServer ? TimeSpan.Zero : null);

    /// <summary>Why the last step got no answer; null: it got one. The server's words, or the client's name for it.</summary>
    public string? Failure { get; private set; }

    private bool IsOneServer => _connection.Multiplexer.GetServers() is [{ ServerType: ServerType.Standalone }];

    public async Task<LogEntry?> AppendAsync(PurgeRecord record, long after, CancellationToken cancel) =>
        await StepAsync(Scripts.Append, [EntryText.Hex(record.Id), Payload.Of(record), after, (string)_channel!], Answers.Entry, cancel);

    public async Task<BeatAnswer?> BeatAsync(Beat beat, CancellationToken cancel)
    {
        var (row, after) = (beat.Row, beat.After);
        return await StepAsync(
            Scripts.Beat,
            [
                row.Key, Answers.Digits(row.Beat), row.ToBytes(), row.Replaces == 0 ? "" : MemberRow.KeyOf(row.Node, row.Replaces),
                after?.Position.ToString("d", null) ?? "", EntryText.Hex(after?.Link ?? 0), EntryText.Hex(beat.Log), beat.Most, beat.HasHeard ? 1 : 0,
            ],
            answer =>
            {
                var parts = (RedisResult[])answer!;
                return Answers.Beat(parts, MembersOf(parts[1], parts[7], parts[8]));
            },
            cancel);
    }

    public async Task<MembersAnswer?> MembersAsync(CancellationToken cancel) =>
        await StepAsync(Scripts.Members, [], answer => (RedisResult[])answer! is [var log, var rows, var facts] ? MembersOf(log, rows, facts) : null, cancel);

    public async Task<IReadOnlyList<LogEntry>?> ReadBackAsync(long before, int most, CancellationToken cancel) =>
        await StepAsync(Scripts.Back, [before, most], Answers.Back, cancel);

    /// <remarks>Not all in one step if there are many: each step goes on from the tail of the one before, so a rival ends it, and the next look goes back again.</remarks>
    public async Task<bool> PutBackAsync(Cursor tail, IReadOnlyList<LogEntry> lost, CancellationToken cancel)
    {
        foreach (var part in Parts(lost))
        {
            var arguments = part.SelectMany<LogEntry, RedisValue>(entry => [EntryText.Hex(entry.Record.Id), EntryText.TimeOf(entry.Time), Payload.Of(entry.Record)]);
            if (await StepAsync(Scripts.PutBack, [tail.Position, EntryText.Hex(tail.Link), .. arguments], answer => (string?)answer, cancel) != "1")
                return false;
            foreach (var entry in part)
                tail = tail.Next(entry.Record.Id);
        }
        return true;
    }

    public Task TrimAsync(long below, CancellationToken cancel) => StepAsync(Scripts.Trim, [below], answer => (string?)answer, cancel);

    public Task RemoveAsync(IReadOnlyList<MemberRow> members, CancellationToken cancel) => members.Count == 0
        ? Task.CompletedTask
        : StepAsync(Scripts.Remove, [.. members.SelectMany<MemberRow, RedisValue>(member => [member.Key, Answers.Digits(member.Beat)])], answer => (string?)answer, cancel);

    public async Task<bool?> ForgetAsync(MemberRow member, CancellationToken cancel) =>
        await StepAsync(Scripts.Forget, [member.Key, Answers.Digits(member.Beat), member.Gone().ToBytes()], answer => (string?)answer, cancel) is { } answer ? answer == "1" : null;

    /// <summary>Which of the store's own settings can lose the log, with the remedy. Empty: none, or it does not answer or tell.</summary>
    public async Task<IReadOnlyList<string>> DoubtsAsync(CancellationToken cancel)
    {
        if (await StepAsync(Scripts.Settings, [], answer => (string?[]?)answer, cancel) is not [var bound, var policy, var appends])
            return [];
        var doubts = new List<string>();
        // What has no time to live, as the log, only these take.
        if (bound is not ("" or "0") && policy?.StartsWith("allkeys-", StringComparison.Ordinal) is true)
            doubts.Add($"its server may evict it when its memory is full (maxmemory-policy {policy}). Set maxmemory-policy to volatile-lfu or volatile-ttl, which spare it, or give the log a server of its own (DistCache:PurgeLog:Redis)");
        if (appends is "0")
            doubts.Add("its server keeps it in memory only (appendonly no): when that restarts, only what nodes remember is put back. Set appendonly yes");
        return doubts;
    }

    public ValueTask DisposeAsync()
    {
        _connection.Multiplexer.ConnectionRestored -= OnReconnected;
        _messages.Unsubscribe(CommandFlags.FireAndForget);
        return ValueTask.CompletedTask;
    }

    /// <summary>What is sent in one step each.</summary>
    internal static IEnumerable<List<LogEntry>> Parts(IReadOnlyList<LogEntry> entries)
    {
        var (part, bytes) = (new List<LogEntry>(), 0L);
        foreach (var entry in entries)
        {
            part.Add(entry);
            if (part.Count < PutBackAtOnce && (bytes += entry.Record.Size) < MostPutBackAtOnce)
                continue;
            yield return part;
            (part, bytes) = ([], 0);
        }
        if (part.Count > 0)
            yield return part;
    }

    private MembersAnswer MembersOf(RedisResult log, RedisResult rows, RedisResult told)
    {
        var facts = Answers.Facts(told);
        _facts = facts;
        _wasReplicated |= !facts.IsAlone;
        // Who may not ask takes each new connection for another store.
        return new(EntryText.FromHex((string)log!), facts.Session ?? Interlocked.Read(ref _reconnects), Answers.Rows(rows), IsSessionTold: facts.Session is not null);
    }

    private void Ring(byte[] message)
    {
        if (EntryText.ReadBell(message) is { } entry)
            Bell?.Invoke(entry);
    }

    private void OnReconnected(object? sender, ConnectionFailedEventArgs reconnected) => Interlocked.Increment(ref _reconnects);

    private Task<T?> StepAsync<T>(string script, RedisValue[] arguments, Func<RedisResult, T?> read, CancellationToken cancel)
        where T : class
    {
        RedisValue[] all = [EntryText.Hex(PurgeRecord.NewId()), .. arguments];
        return AskAsync(async database => read(await database.ScriptEvaluateAsync(script, _keys, all, Primary)), cancel);
    }

    /// <summary>Null: no answer in time, or none that makes sense. Whatever comes later is nobody's.</summary>
    private async Task<T?> AskAsync<T>(Func<IDatabase, Task<T?>> ask, CancellationToken cancel)
        where T : class
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            var asking = ask(_connection.Database);
            _ = asking.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            var answer = await asking.WaitAsync(_patience, cancel);
            Failure = null;
            return answer;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            _connection.Heard(e);
            Failure = e is RedisServerException ? e.Message : e.GetType().Name;
            return null;
        }
    }
}
