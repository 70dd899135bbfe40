using DistCache.Edge.Configuration;

namespace DistCache.Edge.Hosts;

/// <summary><c>DistCache:Listen</c>: data ports. A list or one text with <c>;</c> between; default <c>http://*:8080</c>, unless <c>Kestrel:Endpoints</c> names some. Read at start.</summary>
internal static class ListenOptions
{
    public const string Key = "DistCache:Listen";
    public const string Default = "http://*:8080";

    public static IReadOnlyList<ListenAddress> Read(Settings settings)
    {
        var written = settings.List(Key);
        if (written.Count == 0 && !settings.Has("Kestrel:Endpoints"))
            written = [Default];
        var addresses = new List<ListenAddress>();
        foreach (var text in written)
        {
            if (ListenAddress.Parse(text, out var what) is not { } address)
                settings.Complain(Key, what, ListenAddress.Remedy);
            else if (addresses.Any(address.Collides))
                settings.Complain(Key, $"port {address.Port} is named twice", "Give each address its own port");
            else
                addresses.Add(address);
        }

        return addresses;
    }
}
