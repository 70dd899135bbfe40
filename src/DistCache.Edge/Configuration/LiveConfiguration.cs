using Microsoft.Extensions.Configuration;

namespace DistCache.Edge.Configuration;

/// <summary>A source whose values are replaced as a whole, for what follows an <see cref="IConfiguration"/> by itself: log levels.</summary>
internal sealed class LiveConfiguration : ConfigurationProvider, IConfigurationSource
{
    public LiveConfiguration(IConfiguration values) => Data = ValuesOf(values);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public void Take(IConfiguration values)
    {
        Data = ValuesOf(values);
        OnReload();
    }

    private static Dictionary<string, string?> ValuesOf(IConfiguration values) =>
        values.AsEnumerable().Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase);
}
