using DistCache.Edge.CommandLine;
using DistCache.Edge.Configuration;

namespace DistCache.Edge.Tests.Kit;

/// <summary>Settings from a dictionary, as if every key came from the environment.</summary>
internal static class Reading
{
    public static EdgeConfiguration Of(TemporaryFolder folder, params (string Key, string? Value)[] environment) =>
        Of(folder, new EdgeArguments(), environment);

    public static EdgeConfiguration Of(TemporaryFolder folder, EdgeArguments arguments, params (string Key, string? Value)[] environment) =>
        new ConfigurationSources(arguments, folder.Path, environment.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value))).Read();
}
