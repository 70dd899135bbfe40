namespace DistCache.Edge.Admin.Access;

/// <summary>What an API key may do.</summary>
[Flags]
internal enum Scope
{
    None = 0,

    /// <summary>See metrics, explanations, nodes and purges.</summary>
    Read = 1,

    /// <summary>Purge URLs, tags, prefixes and hosts.</summary>
    Purge = 2,

    /// <summary>Purge everything.</summary>
    PurgeEverything = 4,

    Admin = Read | Purge | PurgeEverything,
}

internal static class Scopes
{
    public static readonly IReadOnlyList<string> Names = ["read", "purge", "purge:everything", "admin"];

    public static bool TryParse(string name, out Scope scope)
    {
        scope = name switch
        {
            "read" => Scope.Read,
            "purge" => Scope.Purge,
            "purge:everything" => Scope.PurgeEverything,
            "admin" => Scope.Admin,
            _ => Scope.None,
        };
        return scope is not Scope.None;
    }

    public static string Name(this Scope scope) => scope switch
    {
        Scope.PurgeEverything => "purge:everything",
        _ => scope.ToString().ToLowerInvariant(),
    };
}
