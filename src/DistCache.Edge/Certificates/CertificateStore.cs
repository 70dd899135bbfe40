using DistCache.Edge.Configuration;
using DistCache.Edge.Hosts;
using DistCache.Edge.Node;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Certificates;

/// <summary>
/// All certificates of the data ports, each followed to its files: a changed file is taken within two seconds, without a handshake failing.
/// One that is broken, expired, not yet valid, or not for the names of the last one leaves the last one in force, and that is told.
/// </summary>
internal sealed class CertificateStore : IHealthDetail, IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly string _contentRoot;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _looking = new();
    private volatile Set _set = new([], new Dictionary<string, ServerNames>());
    private ITimer? _timer;

    public CertificateStore(string contentRoot, ILogger logger, TimeProvider time) => (_contentRoot, _logger, _time) = (contentRoot, logger, time);

    public string Name => "certificates";

    public IReadOnlyList<string> Problems => [.. _set.Slots.SelectMany(Wrong)];

    public IReadOnlyList<CertificateSlot> Slots => _set.Slots;

    /// <summary>What these endpoints would need. One that is in force is kept as it is; a new one that cannot be loaded is a complaint.</summary>
    public Set Prepare(IReadOnlyList<DataEndpoint> endpoints, Settings settings)
    {
        var slots = new List<CertificateSlot>();
        var byEndpoint = new Dictionary<string, ServerNames>();
        foreach (var endpoint in endpoints.Where(endpoint => endpoint.Certificates.Count > 0))
        {
            var named = new Dictionary<string, CertificateSlot>();
            foreach (var (name, (section, source)) in endpoint.Certificates)
            {
                if ((slots.Find(slot => slot.Source == source) ?? Add(source, section)) is { } slot)
                    named[name] = slot;
            }

            byEndpoint[endpoint.Name] = new(named);
        }

        return new(slots, byEndpoint)
        {
            ServerNames = endpoints.SelectMany(endpoint => endpoint.Certificates).ToLookup(pair => pair.Value.Source, pair => pair.Key),
        };

        CertificateSlot? Add(CertificateSource source, string section)
        {
            var slot = _set.Slots.FirstOrDefault(slot => slot.Source == source);
            if (slot is null && !(slot = new(section, source)).Open(_contentRoot, out var complaint))
            {
                settings.Complain(complaint.Where, complaint.What, complaint.Remedy);
                return null;
            }

            slots.Add(slot);
            return slot;
        }
    }

    /// <summary>Handshakes that begin from now on use it.</summary>
    public void Take(Set set)
    {
        lock (_looking)
        {
            foreach (var slot in set.Slots)
                slot.ServerNames = [.. set.ServerNames[slot.Source]];
            _set = set;
        }
    }

    /// <summary>The certificate for a client that named this host (or none); null when the endpoint has none for it.</summary>
    public LoadedCertificate? Find(string endpoint, string? serverName) =>
        _set.ByEndpoint.TryGetValue(endpoint, out var names) ? names.Find(serverName)?.InForce : null;

    /// <summary>From here on changed files are taken by themselves.</summary>
    public void Follow() => _timer ??= _time.CreateTimer(_ => Look(), null, Interval, Interval);

    /// <param name="atOnce">What is there now counts, as SIGHUP asks.</param>
    public void Look(bool atOnce = false)
    {
        lock (_looking)
        {
            foreach (var slot in _set.Slots)
            {
                if (slot.Look(_contentRoot, _time.GetUtcNow(), atOnce) is not var (taken, line))
                    continue;
                if (taken)
                    Log.CertificateTaken(_logger, line);
                else
                    Log.CertificateKept(_logger, line);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
            await _timer.DisposeAsync();
    }

    private IEnumerable<string> Wrong(CertificateSlot slot)
    {
        if (slot.Problem is { } problem)
            yield return problem + " The last good one stays in force.";
        var (certificate, now) = (slot.InForce, _time.GetUtcNow());
        if (certificate.WhatIsWrong(now) is { } wrong)
            yield return $"{slot.Section}: the certificate in force {wrong}. Put a valid one at {slot.Source}.";
        else if (certificate.EndsSoon(now))
            yield return $"{slot.Section}: the certificate in force ends on {certificate.NotAfter:yyyy-MM-dd HH:mm}Z. Renew {slot.Source}.";
        if (slot.ServerNames.FirstOrDefault(name => !certificate.IsFor(name)) is { } other)
            yield return $"{slot.Section}: the certificate in force is not for {other}. Put one for it at {slot.Source}.";
    }

    /// <summary>Certificates by endpoint and server name, replaced as a whole.</summary>
    internal sealed record Set(IReadOnlyList<CertificateSlot> Slots, IReadOnlyDictionary<string, ServerNames> ByEndpoint)
    {
        public ILookup<CertificateSource, string> ServerNames { get; init; } = Array.Empty<string>().ToLookup(_ => default(CertificateSource)!);
    }
}
