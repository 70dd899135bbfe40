using DistCache.Edge.Node;
using DistCache.Proxy.Geo;

namespace DistCache.Edge.Geo;

/// <summary>The databases as <c>/healthz</c> tells them: yellow while a file as it is now is not in force.</summary>
internal sealed class GeoHealth(ClientPlaces places) : IHealthDetail
{
    public string Name => "geo";

    public IReadOnlyList<string> Problems => [.. places.Databases.Select(each => each.Database.State.Problem).OfType<string>()];
}
