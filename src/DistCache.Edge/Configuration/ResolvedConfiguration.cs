using System.Globalization;
using DistCache.Edge.Memory;
using DistCache.Edge.Node;
using Microsoft.Extensions.Configuration;

namespace DistCache.Edge.Configuration;

/// <summary>
/// What the hosts see: the operator's sources; below them the defaults and, for as long as no other route is configured, the route to the
/// demo; above them the values that were resolved at start, sizes as plain bytes, so that no other room has to know defaults and units again.
/// </summary>
internal sealed class ResolvedConfiguration
{
    private readonly NodeOptions _node;
    private MemoryOptions _memory;
    private string? _demoOrigin;
    private readonly LiveConfiguration _live;

    private ResolvedConfiguration(IConfiguration sources, NodeOptions node, MemoryOptions memory, string? demoOrigin)
    {
        (_node, _memory, _demoOrigin) = (node, memory, demoOrigin);
        _live = new(Resolve(sources));
        Root = new ConfigurationBuilder().Add(_live).Build();
    }

    /// <summary>Follows what was last taken.</summary>
    public IConfigurationRoot Root { get; }

    public static ResolvedConfiguration Build(IConfiguration sources, NodeOptions node, MemoryOptions memory, string? demoOrigin) =>
        new(sources, node, memory, demoOrigin);

    /// <summary>From now on there is a demo for configurations without a route.</summary>
    public void OfferDemo(string origin, IConfiguration sources)
    {
        _demoOrigin = origin;
        Take(Resolve(sources));
    }

    /// <summary>How other sources would look to the hosts.</summary>
    public IConfigurationRoot Resolve(IConfiguration sources) => Resolve(sources, _memory);

    public IConfigurationRoot Resolve(IConfiguration sources, MemoryOptions memory)
    {
        var builder = new ConfigurationBuilder().AddInMemoryCollection([new(CatchAllRoute.PresetKey, "safe")]);
        if (_demoOrigin is not null && !sources.HasRoutes())
            builder.AddInMemoryCollection(CatchAllRoute.To(DemoRoute.Id, _demoOrigin));
        return builder.AddConfiguration(sources).AddInMemoryCollection(
        [
            new(NodeOptions.IdKey, _node.Id),
            new(NodeOptions.RegionKey, _node.Region),
            new(MemoryOptions.CapacityKey, memory.Capacity.ToString(CultureInfo.InvariantCulture)),
            new(MemoryOptions.MaxObjectSizeKey, memory.MaxObjectSize.ToString(CultureInfo.InvariantCulture)),
        ]).Build();
    }

    public void Take(IConfiguration resolved) => _live.Take(resolved);

    public void Take(IConfiguration resolved, MemoryOptions memory)
    {
        _memory = memory;
        Take(resolved);
    }
}
