using DistCache.Edge.Configuration;

namespace DistCache.Edge.Node;

/// <summary>
/// <c>DistCache:Node:{Id, Region}</c>: the names by which the fleet knows this process. 1 to 64 letters, digits, dots, dashes and
/// underscores. Defaults: the machine's name, and <c>local</c>. Read at start.
/// </summary>
internal sealed record NodeOptions(string Id, string Region)
{
    public const string IdKey = "DistCache:Node:Id";
    public const string RegionKey = "DistCache:Node:Region";
    private const int MaxLength = 64;

    public static NodeOptions Read(Settings settings, string machineName)
    {
        settings.OnlyKnown("DistCache:Node", "Id", "Region", "Address");
        return new(
            Name(settings, IdKey, Cleaned(machineName)),
            Name(settings, RegionKey, "local"));
    }

    private static string Name(Settings settings, string key, string otherwise)
    {
        if (settings[key] is not { } name)
            return otherwise;
        if (name.Length > MaxLength || !name.All(IsNameCharacter))
            settings.Complain(key, $"'{name}' is not a name", $"Use 1 to {MaxLength} letters, digits, dots, dashes and underscores, as in ams-1");
        return name;
    }

    private static string Cleaned(string machineName)
    {
        var name = new string([.. machineName.ToLowerInvariant().Where(IsNameCharacter).Take(MaxLength)]);
        return name.Length > 0 ? name : "edge";
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';
}
