using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using DistCache.Fleet;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;

namespace DistCache.Proxy.Telemetry;

/// <summary>
/// The request path's metrics. Counts are kept always and read when somebody asks; times are measured only while somebody listens to
/// their histograms. Prometheus shows <c>distcache.requests</c> as <c>distcache_requests_total</c>.
/// </summary>
public sealed class EdgeMeter : IDisposable
{
    public const string Name = "DistCache.Edge";

    /// <summary>Of requests that no route took.</summary>
    internal const string NoRoute = "none";

    // From a hit out of memory to an origin that takes its time.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    private readonly Meter _meter = new(Name);
    private readonly ConcurrentDictionary<string, RouteCounts> _routes = new(StringComparer.OrdinalIgnoreCase);
    private readonly RouteCounts _noRoute;
    private readonly Tally _reasons = new("cache_status", "reason");
    private readonly Tally _originRequests = new("cluster", "status_class");
    private readonly Tally _originErrors = new("cluster", "reason");
    private readonly Tally _shieldRequests = new("region", "outcome");
    private readonly Tally _shieldFallbacks = new("region", "reason");
    private readonly Tally _peerRequests = new("outcome");
    private readonly Tally _hops = new("result");
    private readonly Tally _purges = new("scope", "mode");
    private readonly Histogram<double> _requestDuration;
    private readonly Histogram<double> _originDuration;
    private readonly Histogram<double> _hopDuration;
    private readonly Histogram<double> _purgePropagation;
    private readonly TimeProvider _time;
    private long _stored;
    private long _writeInvalidations;
    private int _waiting;
    private int _fills;

    public EdgeMeter(MemoryTier memory, UncacheableMarkers markers, FleetNode fleet, TimeProvider time, SharedTier? shared = null)
    {
        _time = time;
        _noRoute = RouteOf(NoRoute);
        _meter.CreateObservableCounter("distcache.requests", Requests, "{request}", "Requests by what became of them; their sum is the number of requests.");
        _meter.CreateObservableCounter("distcache.response", Bytes, "By", "Bytes of response bodies handed to clients' connections.");
        _meter.CreateObservableCounter("distcache.reasons", _reasons.Read, "{request}", "Requests with a named reason, as it stands in Cache-Status.");
        _meter.CreateObservableCounter("distcache.responses.stored", () => Volatile.Read(ref _stored), "{response}", "Answers of origins to requests that could be stored.");
        _meter.CreateObservableGauge("distcache.requests.waiting", () => Volatile.Read(ref _waiting), "{request}", "Requests that could not be answered at once and wait: for a fill, an origin, or their client.");
        _requestDuration = _meter.CreateHistogram("distcache.request.duration", "s", "From the request's head to the last byte handed to the connection.", advice: Seconds);

        _meter.CreateObservableCounter("distcache.origin.requests", _originRequests.Read, "{request}", "Requests to origins.");
        _meter.CreateObservableCounter("distcache.origin.errors", _originErrors.Read, "{request}", "Requests to origins without a whole answer, by the error type of RFC 9209.");
        _originDuration = _meter.CreateHistogram("distcache.origin.duration", "s", "From asking the origin to the head of its answer, or to the failure.", advice: Seconds);
        _meter.CreateObservableGauge("distcache.fills.in_flight", () => Volatile.Read(ref _fills), "{fill}", "Fills that ask an origin now.");

        _meter.CreateObservableCounter("distcache.shield.requests", _shieldRequests.Read, "{request}", "Fills that asked a node of the shield region, by what it came to.");
        _meter.CreateObservableCounter("distcache.shield.fallbacks", _shieldFallbacks.Read, "{fill}", "Fills that went to the origin although there is a shield, by the reason.");
        _meter.CreateObservableCounter("distcache.peer.requests", _peerRequests.Read, "{request}", "Fills that asked the edge of their region that keeps the key, by what it came to.");
        _hopDuration = _meter.CreateHistogram("distcache.hop.duration", "s", "From asking another node in the place of the origin to the head of its answer, or to the failure.", advice: Seconds);
        _meter.CreateObservableCounter("distcache.hops", _hops.Read, "{request}", "Requests that say they come from another node of the fleet: taken, or why not.");

        _meter.CreateObservableCounter("distcache.purges", _purges.Read, "{purge}", "Selectors purged through PURGE and the purge API of this node.");
        _purgePropagation = _meter.CreateHistogram("distcache.purge.propagation", "s", "From the log's taking a purge of this node's to its being complete on all members.", advice: Seconds);
        _meter.CreateObservableGauge("distcache.purge_log.lag", () => fleet.Lag?.TotalSeconds ?? double.PositiveInfinity, "s", "Since all that the purge log held was applied here; infinite: it never was.");
        _meter.CreateObservableGauge("distcache.purge_log.position", () => fleet.Position, "{position}", "Of the last record of the purge log that is applied here.");
        _meter.CreateObservableGauge("distcache.lease.held", () => fleet.HoldsLease ? 1 : 0, description: "0: this node validates what it serves, for it does not hear the purge log.");
        _meter.CreateObservableCounter("distcache.write_invalidations", () => Volatile.Read(ref _writeInvalidations), "{request}", "Writes whose answer made stored responses unusable (RFC 9111 section 4.4).");

        TierInstruments.AddTo(_meter, memory);
        if (shared is not null)
            SharedInstruments.AddTo(_meter, shared);
        _meter.CreateObservableGauge("distcache.uncacheable.markers", () => markers.Count, "{key}", "Keys whose last answer could not be stored.");
    }

    internal Meter Meter => _meter;

    public int FillsInFlight => Volatile.Read(ref _fills);

    /// <summary>Somebody wants times.</summary>
    internal bool IsTimed => _requestDuration.Enabled;

    /// <summary>One for each name, whatever revision of the configuration it is in.</summary>
    internal RouteCounts RouteOf(string route) => _routes.GetOrAdd(route, static route => new(route));

    /// <param name="route">Null: none took it.</param>
    internal void Ended(RequestRecord record, RouteCounts? route, int status)
    {
        (route ?? _noRoute).Add(record.Outcome, status, record.BodyBytes);
        if (record.Reason is { } reason)
            _reasons.Add(record.Outcome.Name(), reason);
        if (record.Stored)
            Interlocked.Increment(ref _stored);
        if (record.StartedAt != 0 && _requestDuration.Enabled)
            _requestDuration.Record(_time.GetElapsedTime(record.StartedAt, record.EndedAt).TotalSeconds, new KeyValuePair<string, object?>("cache_status", record.Outcome.Name()));
    }

    /// <summary>A hit that never was a request of the pipeline.</summary>
    internal void Hit(RouteCounts route, int status, long bytes, long startedAt)
    {
        route.Add(CacheOutcome.Hit, status, bytes);
        if (_requestDuration.Enabled)
            _requestDuration.Record(_time.GetElapsedTime(startedAt).TotalSeconds, HitLabel);
    }

    private static readonly KeyValuePair<string, object?> HitLabel = new("cache_status", CacheOutcome.Hit.Name());

    internal void WaitBegins() => Interlocked.Increment(ref _waiting);

    internal void WaitEnds() => Interlocked.Decrement(ref _waiting);

    internal void FillBegins() => Interlocked.Increment(ref _fills);

    internal void FillEnds() => Interlocked.Decrement(ref _fills);

    /// <param name="error">RFC 9209's type; null: the answer came whole.</param>
    internal void OriginAnswered(OriginRecord exchange, string? error)
    {
        var cluster = exchange.Cluster ?? "none";
        _originRequests.Add(cluster, exchange.Status == 0 ? "none" : $"{exchange.Status / 100}xx");
        if (error is not null)
            _originErrors.Add(cluster, error);
        if (_originDuration.Enabled)
            _originDuration.Record(SecondsToHead(exchange), new KeyValuePair<string, object?>("cluster", cluster));
    }

    internal void HopEnded(string region, string outcome, OriginRecord exchange)
    {
        if (_hopDuration.Enabled)
            _hopDuration.Record(SecondsToHead(exchange), new("region", region), new("outcome", outcome));
    }

    internal void ShieldAsked(string region, string outcome) => _shieldRequests.Add(region, outcome);

    internal void FellBack(string region, string reason) => _shieldFallbacks.Add(region, reason);

    internal void PeerAsked(string outcome) => _peerRequests.Add(outcome);

    /// <param name="result"><c>taken</c>, or why not.</param>
    internal void HopTaken(string result) => _hops.Add(result);

    internal void Purged(IReadOnlyCollection<PurgeSelector> selectors, PurgeMode mode)
    {
        foreach (var selector in selectors)
            _purges.Add(selector.Scope.ToString().ToLowerInvariant(), mode is PurgeMode.Soft ? "soft" : "hard");
    }

    internal void Completed(TimeSpan since) => _purgePropagation.Record(since.TotalSeconds);

    internal void Invalidated() => Interlocked.Increment(ref _writeInvalidations);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Requests() => Counts().Select(count => new Measurement<long>(count.Requests, LabelsOf(count)));

    private IEnumerable<Measurement<long>> Bytes() => Counts().Select(count => new Measurement<long>(count.Bytes, LabelsOf(count)));

    private IEnumerable<RouteCount> Counts() => _routes.Values.SelectMany(route => route.Read());

    private double SecondsToHead(OriginRecord exchange) => _time.GetElapsedTime(exchange.StartedAt, exchange.HeadAt != 0 ? exchange.HeadAt : _time.GetTimestamp()).TotalSeconds;

    private static KeyValuePair<string, object?>[] LabelsOf(in RouteCount count) =>
        [new("route", count.Route), new("cache_status", count.CacheStatus), new("status_class", count.StatusClass)];
}
