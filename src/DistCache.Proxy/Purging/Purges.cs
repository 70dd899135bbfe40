using DistCache.Fleet;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using Microsoft.Extensions.Logging;

namespace DistCache.Proxy.Purging;

/// <summary>
/// The purges that people and programs ask for, whatever way they came: appended to the fleet's log, applied here, counted, and written to the
/// audit log (<see cref="AuditCategory"/>: who, when, what, but for query strings and tags, which the receipt has). What writes make invalid
/// takes positions too and is not listed here.
/// </summary>
public sealed class Purges
{
    public const string AuditCategory = "DistCache.Audit";

    /// <summary>Positions that are looked back.</summary>
    public const int Most = 10_000;

    private const int NamedInAudit = 20;

    private readonly FleetNode _fleet;
    private readonly MemoryTier _memory;
    private readonly EdgeMeter _meter;
    private readonly PurgeUrls _urls;
    private readonly TimeProvider _time;
    private readonly ILogger _audit;
    private readonly Lock _gate = new();

    /// <summary>Those that this node was asked for, or asked about.</summary>
    private readonly SortedDictionary<long, (PurgeReceipt Receipt, Appended Appended)> _own = [];

    public Purges(FleetNode fleet, MemoryTier memory, EdgeMeter meter, ProxyConfiguration proxy, TimeProvider time, ILoggerFactory loggers)
    {
        (_fleet, _memory, _meter, _urls, _time) = (fleet, memory, meter, new(proxy), time);
        _audit = loggers.CreateLogger(AuditCategory);
    }

    public FleetNode Fleet => _fleet;

    /// <summary>Of the last record of the log that is applied here.</summary>
    public long Position => _fleet.Position;

    /// <summary>When it returns, nothing that it selects is served any more as it was, by this node. Null: the log did not take it, and nothing may be acknowledged.</summary>
    public async ValueTask<PurgeReceipt?> ApplyAsync(IReadOnlyList<PurgeSelector> selectors, PurgeMode mode, string by, CancellationToken cancel = default)
    {
        if (await _fleet.AppendAsync(selectors, mode, by, cancel) is not { } appended)
            return null;
        _meter.Purged(selectors, mode);
        var receipt = Of(appended.Entry);
        lock (_gate)
            Remember(receipt, appended);
        if (_audit.IsEnabled(LogLevel.Information))
            Log.Purged(_audit, receipt.Position, receipt.Id, mode is PurgeMode.Soft ? "soft" : "hard", by, Text(selectors));
        return receipt;
    }

    /// <summary>Until every member has applied it (of that region, where one is named), or the time is over.</summary>
    public async Task<Progress> WaitAsync(PurgeReceipt receipt, string? region, TimeSpan timeout, CancellationToken cancel)
    {
        var appended = AppendedOf(receipt);
        var progress = await _fleet.WaitAsync(appended, region, timeout, cancel);
        if (progress.IsComplete)
            _meter.Completed(_time.GetElapsedTime(appended.At));
        return progress;
    }

    public Progress ProgressOf(PurgeReceipt receipt) => _fleet.ProgressOf(AppendedOf(receipt));

    /// <summary>Its position in the log is another record's now: the log had lost it, and it was put back elsewhere.</summary>
    public bool IsSuperseded(PurgeReceipt receipt) => _fleet.At(receipt.Position) is { } now && now.Record.Id != receipt.RecordId;

    /// <summary>Walks through all that is stored here.</summary>
    public PurgeMatches Count(IReadOnlyList<PurgeSelector> selectors)
    {
        var trial = new PurgeIndex();
        trial.Apply(selectors, PurgeMode.Hard, 0);
        var matches = default(PurgeMatches);
        foreach (var response in _memory.Responses)
            if (trial.Judge(response.Identity, asOf: 0, out _) is PurgeVerdict.Dead)
                matches = new(matches.Responses + 1, matches.Bytes + response.Body.Length);
        return matches;
    }

    /// <summary>The one that this node was asked for at that position, else the one that stands there. Null: none that is remembered.</summary>
    public PurgeReceipt? Find(long position)
    {
        lock (_gate)
            if (_own.TryGetValue(position, out var own))
                return own.Receipt;
        return position > Position - Most && _fleet.At(position) is { Record.By.Length: > 0 } entry ? Of(entry) : null;
    }

    /// <summary>The newest first.</summary>
    /// <param name="before">Only earlier ones.</param>
    public IReadOnlyList<PurgeReceipt> Latest(long before, int most) =>
        [.. _fleet.Before(Math.Min(before, Position + 1), Most).Where(entry => entry.At.Position > Position - Most && entry.Record.By.Length > 0).Take(most).Select(Of)];

    private void Remember(PurgeReceipt receipt, Appended appended)
    {
        _own[receipt.Position] = (receipt, appended);
        if (_own.Count > Most)
            _own.Remove(_own.First().Key);
    }

    private static PurgeReceipt Of(LogEntry entry) =>
        new(entry.At.Position, entry.Record.Id, entry.Time, entry.Record.Mode, entry.Record.By, entry.Record.Selectors);

    /// <summary>One that another node was asked for: it is in the log since before now.</summary>
    private Appended AppendedOf(PurgeReceipt receipt)
    {
        lock (_gate)
        {
            if (_own.TryGetValue(receipt.Position, out var own) && own.Receipt.RecordId == receipt.RecordId)
                return own.Appended;
            var appended = new Appended(_fleet.Find(receipt.RecordId) ?? new(new(receipt.Position, 0), receipt.At, new(receipt.RecordId, receipt.Selectors, receipt.Mode, receipt.By)), _time.GetTimestamp());
            Remember(receipt, appended);
            return appended;
        }
    }

    // ---- selectors as people write them

    /// <summary>An absolute URL, all its variants, for both schemes: behind what ends TLS the edge sees http. Null: it is none.</summary>
    public IReadOnlyList<PurgeSelector>? ReadUrl(string url) =>
        PurgeUrls.Canonical(url) is { } canonical ? [.. BothSchemes(canonical).SelectMany(_urls.Of).Distinct()] : null;

    /// <summary>A URL, or the beginning of one, in every spelling under which one of the policies may have stored it: no route need know of PURGE. Anything else as it is.</summary>
    internal IEnumerable<PurgeSelector> Spellings(PurgeSelector selector) =>
        selector.Scope is PurgeScope.Url or PurgeScope.Prefix ? _urls.Of(selector.Value).Select(url => selector with { Value = url.Value }) : [selector];

    /// <summary>A cache tag. Null: it is none.</summary>
    public static IReadOnlyList<PurgeSelector>? ReadTag(string tag) => CacheTags.IsTag(tag) ? [new(PurgeScope.Tag, tag)] : null;

    /// <summary><c>host/path...</c> for both schemes, or with a scheme. Null: it is none.</summary>
    public static IReadOnlyList<PurgeSelector>? ReadPrefix(string prefix)
    {
        var hasScheme = prefix.Contains("://", StringComparison.Ordinal);
        var url = hasScheme ? prefix : "http://" + prefix;
        // Without a path a host's prefix would also be that of another host.
        if (url.IndexOf('/', url.IndexOf("://", StringComparison.Ordinal) + 3) < 0 || PurgeUrls.Canonical(url) is not { } canonical)
            return null;
        return [new(PurgeScope.Prefix, hasScheme ? canonical : canonical["http://".Length..])];
    }

    /// <summary>A host with its port, if that is not the scheme's own. Null: it is none.</summary>
    public static IReadOnlyList<PurgeSelector>? ReadHost(string host) =>
        HostField.TryCanonicalize(host, "http", out var http) && HostField.TryCanonicalize(host, "https", out var https)
            ? [.. new[] { http, https }.Distinct().Select(canonical => new PurgeSelector(PurgeScope.Host, canonical))]
            : null;

    private static IEnumerable<string> BothSchemes(string url)
    {
        var rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        foreach (var scheme in (string[])["http", "https"])
            if (PurgeUrls.Canonical($"{scheme}://{rest}") is { } canonical)
                yield return canonical;
    }

    private static string Text(IReadOnlyList<PurgeSelector> selectors) =>
        string.Join(' ', selectors.Take(NamedInAudit).Select(PurgeReceipt.LogText))
        + (selectors.Count > NamedInAudit ? $" and {selectors.Count - NamedInAudit} more" : "");
}
