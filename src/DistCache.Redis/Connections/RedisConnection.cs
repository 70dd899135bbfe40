using System.Net;
using System.Security.Cryptography;
using DistCache.Storage.Shared;
using StackExchange.Redis;

namespace DistCache.Redis.Connections;

/// <summary>
/// One connection (multiplexer) to Redis, Valkey, Garnet or a cluster of them. It is made at once, whether or not anybody answers, and heals
/// by itself: fail-over, MOVED and ASK are the client's. While nobody answers, a command fails at once instead of queueing.
/// </summary>
/// <remarks>
/// The client's own defaults would hold a request for 5.7 s when the store freezes, would replay stale commands after an outage, and would
/// write key names into exceptions, hence into logs. TLS (<c>ssl=true</c>), password and user come from the connection string; and, which the client
/// does not know, <c>trust=FILE</c>: certificates (PEM) of authorities that are believed besides the machine's own.
/// </remarks>
public sealed class RedisConnection : IAsyncDisposable
{
    /// <summary>Last resort only: who asks has a time limit of its own, and a shorter one.</summary>
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMilliseconds(1000);

    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMilliseconds(100);

    private const string TrustKey = "trust=";

    private readonly ConnectionMultiplexer _multiplexer;
    private readonly Refusal _refusal;

    private RedisConnection(ConnectionMultiplexer multiplexer, Refusal refusal)
    {
        (_multiplexer, _refusal) = (multiplexer, refusal);
        multiplexer.ConnectionRestored += (_, _) => refusal.Over();
    }

    /// <summary>Names or addresses, without passwords.</summary>
    public string Endpoints => string.Join(", ", _multiplexer.GetEndPoints(configuredOnly: true).Select(NameOf));

    /// <summary>Some server answers.</summary>
    public bool IsConnected => _multiplexer.IsConnected;

    /// <summary>Why a server that can be reached lets nobody in, and what to write instead, without any secret: "refuses the password: ..."; null: nothing is known of that.</summary>
    public string? Refused => _refusal.Text;

    internal IConnectionMultiplexer Multiplexer => _multiplexer;

    internal IDatabase Database => _multiplexer.GetDatabase();

    /// <summary>Null: it can be used. Otherwise what is wrong with this connection string, without any secret in it.</summary>
    public static string? Check(string connectionString)
    {
        try
        {
            var options = Parse(connectionString, out var trusted);
            if (trusted is not null && !options.Ssl)
                return "trust= without ssl=true trusts nobody";
            if (trusted is not null)
                ServerTrust.ReadIssuers(trusted);
            return options.EndPoints.Count > 0 ? null : "it names no server";
        }
        catch (Exception e) when (e is IOException or CryptographicException)
        {
            return "the file that trust= names cannot be read, or has no certificate in it (PEM)";
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            // The client's text may quote the value, which may be the password.
            return e is ArgumentException { ParamName: { Length: > 0 } name } ? $"'{name}' is not what it should be" : "it is no connection string of StackExchange.Redis";
        }
    }

    /// <summary>Never waits for a server that does not answer: the connection comes when the server does.</summary>
    /// <param name="clientName">Shown by CLIENT LIST.</param>
    /// <param name="refused">Told of each new <see cref="Refused"/>.</param>
    public static async Task<RedisConnection> OpenAsync(string connectionString, string clientName, Action<string>? refused = null)
    {
        var options = Parse(connectionString, out var trusted);
        var refusal = new Refusal(hasPassword: options.Password is { Length: > 0 }, refused);
        options.ClientName ??= clientName;
        if (options.Ssl)
            options.CertificateValidation += new ServerTrust(trusted is null ? null : ServerTrust.ReadIssuers(trusted), refusal.Is).Accepts;
        var connection = new RedisConnection(await ConnectionMultiplexer.ConnectAsync(options), refusal);
        if (!connection.IsConnected)
            await connection.AskWhyAsync();
        return connection;
    }

    /// <summary>Tells a server that refuses a command from one that does not answer, or lets nobody in.</summary>
    internal async Task<T> Told<T>(Task<T> command)
    {
        try
        {
            return await command;
        }
        catch (RedisServerException e)
        {
            // OOM, CLUSTERDOWN, LOADING, MISCONF: the first word says it, what follows may quote.
            throw new StoreRefusal(e.Message.Split(' ')[0]);
        }
        catch (RedisConnectionException e)
        {
            _refusal.Heard(e);
            throw;
        }
    }

    /// <summary>A step of the purge log, which tells of its failures in its own way.</summary>
    internal void Heard(Exception failure) => _refusal.Heard(failure);

    public async ValueTask DisposeAsync() => await _multiplexer.DisposeAsync();

    /// <summary>A command whose failure says why; each other one does so, too.</summary>
    internal async Task AskWhyAsync()
    {
        try
        {
            await Database.PingAsync();
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            _refusal.Heard(e);
        }
    }

    private static bool IsTrust(string part) => part.StartsWith(TrustKey, StringComparison.OrdinalIgnoreCase);

    private static string NameOf(EndPoint endpoint) => endpoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endpoint.ToString() ?? "";

    private static ConfigurationOptions Parse(string connectionString, out string? trusted)
    {
        var parts = connectionString.Split(',', StringSplitOptions.TrimEntries);
        trusted = Array.Find(parts, IsTrust)?[TrustKey.Length..].Trim();
        var options = ConfigurationOptions.Parse(string.Join(',', parts.Where(part => !IsTrust(part))));
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
