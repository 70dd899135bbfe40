using System.Collections;
using System.Globalization;
using DistCache.Proxy.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace DistCache.Edge.Configuration;

/// <summary>
/// Keys that nothing reads are most often misspelt, and YARP ignores them in silence. Under <c>ReverseProxy</c> a key has to be a property
/// of YARP's own types; features look after their own sections; beside these only what is nearly the name of one is refused.
/// </summary>
internal static class UnknownKeys
{
    private static readonly string[] Sections = ["Node", "Listen", "Memory", "Shared", "PurgeLog", "Fleet", "Policies", "Regions", "Geo", "Admin", "Purge", "Origin", "AccessLog", "Secrets"];

    private static readonly Dictionary<string, Type> Proxy = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Routes"] = typeof(IReadOnlyDictionary<string, RouteConfig>),
        ["Clusters"] = typeof(IReadOnlyDictionary<string, ClusterConfig>),
    };

    public static IEnumerable<string> Of(MergedLayers merged)
    {
        var told = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in merged.Keys.Order(StringComparer.Ordinal))
        {
            var parts = key.Split(':');
            var line = parts[0].ToUpperInvariant() switch
            {
                "REVERSEPROXY" when parts.Length > 1 => UnderProxy(parts),
                "DISTCACHE" when parts.Length > 1 => Misspelt(parts),
                _ => null,
            };
            if (line is not null && told.Add(line))
                yield return line;
        }
    }

    private static string? Misspelt(string[] parts) =>
        !Sections.Contains(parts[1], StringComparer.OrdinalIgnoreCase) && NearestName.Of(parts[1], Sections, within: 2) is { } meant
            ? $"DistCache:{parts[1]}: there is no such section; write {meant}."
            : null;

    private static string? UnderProxy(string[] parts)
    {
        if (!Proxy.TryGetValue(parts[1], out var type))
            return Unknown(parts, 1, Proxy.Keys);
        for (var i = 2; i < parts.Length; i++)
        {
            // A name or an index of the operator's.
            if (ElementOf(type) is { } element)
            {
                type = element;
                continue;
            }

            if (!type.IsClass || type == typeof(string))
                return type.IsEnum && int.TryParse(parts[i], CultureInfo.InvariantCulture, out _) ? null : $"{string.Join(':', parts[..(i + 1)])}: {parts[i - 1]} is one value and has no keys.";
            var names = NamesOf(type);
            if (!names.TryGetValue(parts[i], out var next))
                return Unknown(parts, i, names.Keys);
            type = next;
        }

        return null;
    }

    private static string Unknown(string[] parts, int at, IEnumerable<string> known) =>
        $"{string.Join(':', parts[..(at + 1)])}: there is no such setting{NearestName.Hint(parts[at], known)}. It may be one of {string.Join(", ", known)}.";

    internal static Type? ElementOf(Type type) =>
        type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[^1] : null;

    /// <summary>Ids are the names of the sections.</summary>
    internal static Dictionary<string, Type> NamesOf(Type type) => type.GetProperties()
        .Where(property => property.CanWrite && property.Name != "RouteId" && !(type == typeof(ClusterConfig) && property.Name == "ClusterId"))
        .ToDictionary(property => property.Name, property => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, StringComparer.OrdinalIgnoreCase);
}
