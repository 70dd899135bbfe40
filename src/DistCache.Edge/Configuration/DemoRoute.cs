using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace DistCache.Edge.Configuration;

/// <summary>The weakest source of all: a route to the demo origin for as long as no other route is configured, reloads included.</summary>
internal sealed class DemoRoute(IConfiguration others, string origin) : ConfigurationProvider, IConfigurationSource, IDisposable
{
    public const string Id = "demo";

    private IDisposable? _subscription;

    public IConfigurationProvider Build(IConfigurationBuilder builder)
    {
        _subscription ??= ChangeToken.OnChange(others.GetReloadToken, () =>
        {
            Load();
            OnReload();
        });
        return this;
    }

    public override void Load() =>
        Data = others.HasRoutes()
            ? new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            : new Dictionary<string, string?>(CatchAllRoute.To(Id, origin), StringComparer.OrdinalIgnoreCase);

    public void Dispose() => _subscription?.Dispose();
}
