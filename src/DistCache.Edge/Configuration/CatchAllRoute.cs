using System.Globalization;

namespace DistCache.Edge.Configuration;

/// <summary>
/// A route that takes what no other route takes, written as the configuration an operator would write: any host is accepted and
/// keyed, and the origin gets its own host (YARP's default).
/// </summary>
internal static class CatchAllRoute
{
    public const string PolicyName = "default";
    public const string PresetKey = $"DistCache:Policies:{PolicyName}:Preset";

    public static IEnumerable<KeyValuePair<string, string?>> To(string id, string origin) =>
    [
        new($"ReverseProxy:Routes:{id}:ClusterId", id),
        new($"ReverseProxy:Routes:{id}:Match:Path", "/{**rest}"),
        // After every route from a file, whose path may be a catch-all too: two of one order would be ambiguous.
        new($"ReverseProxy:Routes:{id}:Order", int.MaxValue.ToString(CultureInfo.InvariantCulture)),
        new($"ReverseProxy:Routes:{id}:OutputCachePolicy", PolicyName),
        new($"ReverseProxy:Clusters:{id}:Destinations:{id}:Address", origin),
    ];
}
