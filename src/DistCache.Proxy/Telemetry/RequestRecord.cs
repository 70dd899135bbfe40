using System.Net;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Hits;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Requests;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.Proxy.Telemetry;

/// <summary>
/// What is known of one request when it ends; written by whoever answers it, read by <see cref="RequestMeter"/> alone. One instance serves
/// a connection's (or an HTTP/2 stream's) requests in turn, so that a request costs no allocation.
/// </summary>
public sealed class RequestRecord
{
    private CacheStatus _status;
    private string? _error;
    private bool _isAnswered;

    public CacheOutcome Outcome { get; private set; }

    /// <summary>The named reason, kebab-case, as in Cache-Status; null: there is nothing to explain.</summary>
    public string? Reason { get; private set; }

    /// <summary>The origin's answer has been stored.</summary>
    public bool Stored => _status.Stored;

    /// <summary>Why it was forwarded, in the words of RFC 9211; null: it was not.</summary>
    public string? Forward => _status.Forward is Delivery.Forward.None ? null : CacheStatus.Word(_status.Forward);

    /// <summary>False: the client has got no status, or a reset stream.</summary>
    public bool HasStatus { get; private set; }

    /// <summary>Error type of RFC 9209, on an answer that is our own error.</summary>
    public string? Error => _error;

    /// <summary>Null: none was found.</summary>
    public string? Route { get; internal set; }

    public string? Policy { get; internal set; }

    /// <summary>XxHash3 of the cache key; 0: none was needed, or nobody listens.</summary>
    public ulong KeyHash { get; internal set; }

    /// <summary>The exchange with the origin that answered; null: none did.</summary>
    public OriginRecord? Origin { get; internal set; }

    /// <summary>The client as trusted proxies name it; null: nobody asked, or it is the connection's other end.</summary>
    public IPAddress? Client => Place?.Address;

    /// <summary>The client's country, <c>private</c> or <c>unknown</c>; null: nobody asked.</summary>
    public string? Country => Place?.Name;

    /// <summary>The client's autonomous system; null: it is not known, or nobody asked.</summary>
    public uint? Asn => Place?.Location.Asn;

    /// <summary>Bytes of the body handed to the connection.</summary>
    public long BodyBytes { get; private set; }

    /// <summary>As <see cref="TimeProvider.GetTimestamp"/>; 0 while nobody wants times.</summary>
    public long StartedAt { get; private set; }

    /// <summary>When it was known what to answer; 0: never, or nobody wants times.</summary>
    public long AnsweredAt { get; private set; }

    public long EndedAt { get; private set; }

    /// <summary>What answers this connection's plain hits before Kestrel parses them; null: it has none.</summary>
    internal HitReader? Reader { get; private init; }

    /// <summary>Of the configuration that was in force when the request began.</summary>
    internal int Revision { get; private set; }

    /// <summary>Null: nobody has asked yet.</summary>
    internal ClientPlace? Place
    {
        get;
        set => LastPlace = (field = value) ?? LastPlace;
    }

    /// <summary>Of the connection's last request that asked.</summary>
    internal ClientPlace? LastPlace { get; private set; }

    /// <summary>The place that the key holds; null: it holds none.</summary>
    internal string? KeyPlace { get; set; }

    /// <summary>Null: a client asks, and no node of the fleet.</summary>
    internal Hop? Hop { get; set; }

    /// <summary>Another region has sent the client here.</summary>
    internal bool WasSteered { get; set; }

    internal static RequestRecord? Of(HttpContext context) =>
        context.Features.Get<IPersistentStateFeature>() is { } kept && kept.State.TryGetValue(typeof(RequestRecord), out var record) ? (RequestRecord?)record : null;

    internal static RequestRecord Begin(HttpContext context, long startedAt, int revision)
    {
        var kept = context.Features.GetRequiredFeature<IPersistentStateFeature>().State;
        if (!kept.TryGetValue(typeof(RequestRecord), out var known))
            kept[typeof(RequestRecord)] = known = new RequestRecord { Reader = HttpProtocol.IsHttp11(context.Request.Protocol) ? context.Features.Get<HitReader>() : null };
        var record = (RequestRecord)known!;
        record.Clear(startedAt);
        record.Revision = revision;
        return record;
    }

    /// <summary>The answer is about to be written. The last word counts: an answer that failed before its first byte is replaced.</summary>
    internal void Answer(in CacheStatus status, TimeProvider time)
    {
        Answer(CacheOutcomes.Of(status), status.Detail);
        _status = status;
        if (StartedAt != 0)
            AnsweredAt = time.GetTimestamp();
    }

    /// <param name="error">One of <see cref="ProxyStatus"/>.</param>
    internal void AnswerError(in CacheStatus status, string error, TimeProvider time)
    {
        Answer(status, time);
        _error = error;
        Outcome = status.Detail switch
        {
            PurgePort.Forbidden or PurgePort.Malformed => CacheOutcome.Purge,
            GeoGate.Blocked => CacheOutcome.Refused,
            _ => CacheOutcome.Error,
        };
    }

    /// <param name="hasStatus">False: the stream was reset instead of an answer.</param>
    internal void Refuse(RefusalReason reason, bool hasStatus)
    {
        Answer(CacheOutcome.Refused, reason.Name());
        HasStatus = hasStatus;
    }

    internal void Purge(long bytes)
    {
        Answer(CacheOutcome.Purge, null);
        Sent(bytes);
    }

    /// <summary>Answered by the edge itself, and not for lack of anything.</summary>
    internal void AnswerOwn(string reason, long bytes)
    {
        Answer(CacheOutcome.Own, reason);
        Sent(bytes);
    }

    internal void AskedBy(OriginRecord exchange) => Origin = exchange;

    internal void Sent(long bytes) => BodyBytes += bytes;

    /// <summary>Settles what nobody has said. Whether the client has left is asked only then: asking allocates.</summary>
    internal void End(HttpContext context, long endedAt)
    {
        EndedAt = endedAt;
        if (_isAnswered && _error is null)
            return;
        if (context.RequestAborted.IsCancellationRequested)
        {
            Answer(CacheOutcome.Aborted, null);
            HasStatus = false;
        }
        else if (!_isAnswered && context.Response.StatusCode is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden)
        {
            Answer(CacheOutcome.Refused, "not-authorized");
        }
        else if (!_isAnswered)
        {
            Answer(CacheOutcome.Error, "internal");
        }
    }

    private void Answer(CacheOutcome outcome, string? reason) => (Outcome, Reason, HasStatus, _isAnswered, _error) = (outcome, reason, true, true, null);

    private void Clear(long startedAt)
    {
        (_status, _error, _isAnswered, HasStatus, Reason, Route, Policy, Origin) = (default, null, false, true, null, null, null, null);
        (KeyHash, BodyBytes, StartedAt, AnsweredAt, EndedAt) = (0, 0, startedAt, 0, 0);
        (Place, KeyPlace, WasSteered, Hop) = (null, null, false, null);
    }
}
