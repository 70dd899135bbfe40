using System.Security.Cryptography;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using Microsoft.Extensions.Logging;

namespace DistCache.Proxy.Purging;

/// <summary>
/// The purges that people and programs ask for, whatever way they came: applied, counted, written to the audit log
/// (<see cref="AuditCategory"/>: who, when, what, but for query strings and tags, which the receipt has) and remembered. What writes make invalid takes positions too and is not listed here.
/// </summary>
public sealed class Purges
{
    public const string AuditCategory = "DistCache.Audit";

    /// <summary>Receipts that are remembered.</summary>
    public const int Most = 10_000;

    private const int NamedInAudit = 20;

    private readonly PurgeIndex _index;
    private readonly MemoryTier _memory;
    private readonly EdgeMeter _meter;
    private readonly PurgeUrls _urls;
    private readonly TimeProvider _time;
    private readonly ILogger _audit;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, PurgeReceipt> _receipts = [];

    public Purges(PurgeIndex index, MemoryTier memory, EdgeMeter meter, ProxyConfiguration proxy, TimeProvider time, ILoggerFactory loggers)
    {
        (_index, _memory, _meter, _urls, _time) = (index, memory, meter, new(proxy), time);
        _audit = loggers.CreateLogger(AuditCategory);
    }

    /// <summary>Of the last purge or write.</summary>
    public long Position => _index.Version;

    /// <summary>When it returns, nothing that it selects is served any more as it was.</summary>
    public PurgeReceipt Apply(IReadOnlyList<PurgeSelector> selectors, PurgeMode mode, string by)
    {
        var position = _index.Apply(selectors, mode, _time.GetTimestamp());
        _meter.Purged(selectors, mode);
        var receipt = new PurgeReceipt(position, RandomNumberGenerator.GetHexString(32, lowercase: true), _time.GetUtcNow(), mode, by, selectors);
        lock (_gate)
        {
            _receipts[position] = receipt;
            if (_receipts.Count > Most)
                _receipts.Remove(_receipts.First().Key);
        }
        if (_audit.IsEnabled(LogLevel.Information))
            Log.Purged(_audit, position, receipt.Id, mode is PurgeMode.Soft ? "soft" : "hard", by, Text(selectors));
        return receipt;
    }

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

    /// <summary>Null: no purge that is remembered has that position.</summary>
    public PurgeReceipt? Find(long position)
    {
        lock (_gate)
            return _receipts.GetValueOrDefault(position);
    }

    /// <summary>The newest first.</summary>
    /// <param name="before">Only earlier ones.</param>
    public IReadOnlyList<PurgeReceipt> Latest(long before, int most)
    {
        lock (_gate)
            return [.. _receipts.Reverse().Where(pair => pair.Key < before).Take(most).Select(pair => pair.Value)];
    }

    // ---- selectors as people write them

    /// <summary>An absolute URL, all its variants, for both schemes: behind what ends TLS the edge sees http. Null: it is none.</summary>
    public IReadOnlyList<PurgeSelector>? ReadUrl(string url) =>
        PurgeUrls.Canonical(url) is { } canonical ? [.. BothSchemes(canonical).SelectMany(_urls.Of).Distinct()] : null;

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
