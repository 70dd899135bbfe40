using System.Net;
using StackExchange.Redis;

namespace DistCache.Redis.Connections;

/// <summary>
/// One connection (multiplexer) to Redis, Valkey, Garnet or a cluster of them. It is made at once, whether or not anybody answers, and heals
/// by itself: fail-over, MOVED and ASK are the client's. While nobody answers, a command fails at once instead of queueing.
/// </summary>
/// <remarks>
/// The client's own defaults would hold a request for 5.7 s when the store freezes, would replay stale commands after an outage, and would
/// write key names into exceptions, hence into logs. TLS (<c>ssl=true</c>), password and user come from the connection string.
/// </remarks>
public sealed class RedisConnection : IAsyncDisposable
{
    /// <summary>Last resort only: who asks has a time limit of its own, and a shorter one.</summary>
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMilliseconds(1000);

    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMilliseconds(100);

    private readonly ConnectionMultiplexer _multiplexer;

    private RedisConnection(ConnectionMultiplexer multiplexer) => _multiplexer = multiplexer;

    /// <summary>Names or addresses, without passwords.</summary>
    public string Endpoints => string.Join(", ", _multiplexer.GetEndPoints(configuredOnly: true).Select(NameOf));

    /// <summary>Some server answers.</summary>
    public bool IsConnected => _multiplexer.IsConnected;

    internal IConnectionMultiplexer Multiplexer => _multiplexer;

    internal IDatabase Database => _multiplexer.GetDatabase();

    /// <summary>Null: it can be used. Otherwise what is wrong with this connection string, without any secret in it.</summary>
    public static string? Check(string connectionString)
    {
        try
        {
            return Parse(connectionString).EndPoints.Count > 0 ? null : "it names no server";
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            // The client's text may quote the value, which may be the password.
            return e is ArgumentException { ParamName: { Length: > 0 } name } ? $"'{name}' is not what it should be" : "it is no connection string of StackExchange.Redis";
        }
    }

    /// <summary>Never waits for a server that does not answer: the connection comes when the server does.</summary>
    /// <param name="clientName">Shown by CLIENT LIST.</param>
    public static async Task<RedisConnection> OpenAsync(string connectionString, string clientName)
    {
        var options = Parse(connectionString);
        options.ClientName ??= clientName;
        return new(await ConnectionMultiplexer.ConnectAsync(options));
    }

    public async ValueTask DisposeAsync() => await _multiplexer.DisposeAsync();

    private static string NameOf(EndPoint endpoint) => endpoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endpoint.ToString() ?? "";

    private static ConfigurationOptions Parse(string connectionString)
    {
        var options = ConfigurationOptions.Parse(connectionString);
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.HeartbeatInterval = HeartbeatInterval;
        options.HeartbeatConsistencyChecks = false;
        options.AsyncTimeout = (int)CommandTimeout.TotalMilliseconds;
        options.SyncTimeout = (int)CommandTimeout.TotalMilliseconds;
        options.ConnectTimeout = 1000;
        options.ConnectRetry = 1;
        options.KeepAlive = 1;
        // A new primary is found by MOVED or by reconnecting; between the two a look round every few seconds.
        options.ConfigCheckSeconds = 5;
        options.ReconnectRetryPolicy = new LinearRetry(500);
        options.IncludeDetailInExceptions = false;
        options.IncludePerformanceCountersInExceptions = false;
        options.AllowAdmin = false;
        return options;
    }
}
