using System.Globalization;
using DistCache.Edge.Memory;
using DistCache.Edge.Node;
using Microsoft.Extensions.Configuration;

namespace DistCache.Edge.Configuration;

/// <summary>
/// What the hosts see: the operator's sources; below them the demo route and the defaults; above them the values that were
/// resolved at start, sizes as plain bytes, so that no other room has to know defaults and units again.
/// </summary>
internal sealed class ResolvedConfiguration : IDisposable
{
    private readonly DemoRoute? _demoRoute;

    private ResolvedConfiguration(IConfigurationRoot root, DemoRoute? demoRoute) => (Root, _demoRoute) = (root, demoRoute);

    public IConfigurationRoot Root { get; }

    public static ResolvedConfiguration Build(IConfigurationRoot sources, NodeOptions node, MemoryOptions memory, string? demoOrigin)
    {
        var demoRoute = demoOrigin is null ? null : new DemoRoute(sources, demoOrigin);
        var builder = new ConfigurationBuilder().AddInMemoryCollection([new(CatchAllRoute.PresetKey, "safe")]);
        if (demoRoute is not null)
            builder.Add(demoRoute);
        builder.AddConfiguration(sources).AddInMemoryCollection(
        [
            new(NodeOptions.IdKey, node.Id),
            new(NodeOptions.RegionKey, node.Region),
            new(MemoryOptions.CapacityKey, memory.Capacity.ToString(CultureInfo.InvariantCulture)),
            new(MemoryOptions.MaxObjectSizeKey, memory.MaxObjectSize.ToString(CultureInfo.InvariantCulture)),
        ]);
        return new(builder.Build(), demoRoute);
    }

    public void Dispose()
    {
        _demoRoute?.Dispose();
        (Root as IDisposable)?.Dispose();
    }
}
