namespace DistCache.Edge.Configuration;

/// <summary>A route id in two files: configuration would mix both into a route that nobody wrote.</summary>
internal static class DuplicateRoutes
{
    private const string Section = "ReverseProxy:Routes:";

    public static IEnumerable<Complaint> Of(IEnumerable<ConfigurationLayer> files) =>
        from file in files
        from id in Ids(file)
        group file.Name by id.ToLowerInvariant() into route
        where route.Count() > 1
        select new Complaint(Section + route.Key, $"is in {string.Join(" and in ", route)}", "Rename one of them, or remove it");

    private static IEnumerable<string> Ids(ConfigurationLayer file) => file.Values.Keys
        .Where(key => key.StartsWith(Section, StringComparison.OrdinalIgnoreCase))
        .Select(key => key[Section.Length..].Split(':')[0])
        .Distinct(StringComparer.OrdinalIgnoreCase);
}
