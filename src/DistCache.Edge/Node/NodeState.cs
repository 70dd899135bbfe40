using DistCache.Edge.Certificates;
using DistCache.Edge.Configuration;
using DistCache.Edge.Fleet;
using DistCache.Edge.Shared;
using DistCache.Edge.Geo;
using DistCache.Proxy.Explaining;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Purging;

namespace DistCache.Edge.Node;

internal enum NodePhase
{
    Starting,
    Ready,
    Draining,
}

/// <summary>Where this process is in its life. Written by the program, read by the admin port.</summary>
internal sealed class NodeState
{
    /// <summary>Whether the files are what is in force.</summary>
    public ConfigurationHealth Configuration { get; init; } = new(TimeProvider.System);

    /// <summary>What may be yellow while the node serves.</summary>
    public IReadOnlyList<IHealthDetail> Details =>
        [.. ((IHealthDetail?[])[Configuration, Certificates, Shared, Fleet, Geo is { } geo ? new GeoHealth(geo) : null]).OfType<IHealthDetail>()];

    /// <summary>Those of the data ports.</summary>
    public CertificateStore? Certificates { get; init; }

    /// <summary>Null: not begun yet.</summary>
    public FleetHost? Fleet
    {
        get => Volatile.Read(ref _fleet);
        set => Volatile.Write(ref _fleet, value);
    }

    /// <summary>Null: there is no shared tier.</summary>
    public SharedTierHost? Shared
    {
        get => Volatile.Read(ref _shared);
        set => Volatile.Write(ref _shared, value);
    }

    /// <summary>Null: the data ports are not there yet.</summary>
    public IExplainer? Explainer
    {
        get => Volatile.Read(ref _explainer);
        set => Volatile.Write(ref _explainer, value);
    }

    /// <summary>Null: the data ports are not there yet.</summary>
    public Purges? Purges
    {
        get => Volatile.Read(ref _purges);
        set => Volatile.Write(ref _purges, value);
    }

    /// <summary>Null: the data ports are not there yet.</summary>
    public ClientPlaces? Geo
    {
        get => Volatile.Read(ref _geo);
        set => Volatile.Write(ref _geo, value);
    }

    public string NodeId { get; init; } = "";

    public string Region { get; init; } = "";

    private FleetHost? _fleet;
    private SharedTierHost? _shared;
    private IExplainer? _explainer;
    private Purges? _purges;
    private ClientPlaces? _geo;
    private volatile NodePhase _phase = NodePhase.Starting;

    public NodePhase Phase
    {
        get => _phase;
        set => _phase = value;
    }
}
