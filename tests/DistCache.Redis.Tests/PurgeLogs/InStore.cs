using System.Collections.Concurrent;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Redis.Connections;
using DistCache.Redis.PurgeLogs;
using DistCache.Storage.Purging;

namespace DistCache.Redis.Tests.PurgeLogs;

/// <summary>The same on a server; each user has a connection of its own.</summary>
public abstract class InStore : PurgeLogTests, IAsyncDisposable
{
    private readonly ConcurrentBag<IAsyncDisposable> _opened = [];
    private readonly string _test = Guid.NewGuid().ToString("n");

    private protected abstract Task<string> ServerAsync();

    private protected override async Task<IPurgeLog> OpenAsync(string name)
    {
        var connection = await RedisConnection.OpenAsync(await ServerAsync(), "test");
        var log = new RedisPurgeLog(connection, $"{_test}-{name}", patience: Records.Patience);
        _opened.Add(connection);
        _opened.Add(log);
        return log;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var one in _opened)
            await one.DisposeAsync();
    }
}

internal static class Records
{
    /// <summary>Most tests are not about time, and the machine is busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static PurgeRecord Tag(string tag) => new(PurgeRecord.NewId(), [new(PurgeScope.Tag, tag)], PurgeMode.Hard, "test");

    public static MemberRow Row(string node) => new() { Node = node, Run = PurgeRecord.NewId() };
}
