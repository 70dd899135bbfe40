using DistCache.Edge.Configuration;

namespace DistCache.Edge.Hosts;

/// <summary><c>DistCache:Listen</c>: the data ports. A list or one text with <c>;</c> between; default <c>http://*:8080</c>. Read at start.</summary>
internal static class ListenOptions
{
    public const string Key = "DistCache:Listen";
    public const string Default = "http://*:8080";

    public static IReadOnlyList<ListenAddress> Read(Settings settings)
    {
        var written = settings.List(Key);
        var addresses = new List<ListenAddress>();
        foreach (var text in written.Count > 0 ? written : [Default])
        {
            if (ListenAddress.Parse(text, out var what) is not { } address)
                settings.Complain(Key, what, ListenAddress.Remedy);
            else if (address.Port != 0 && addresses.Any(a => a.Port == address.Port && (a.Host == address.Host || a.IsAny || address.IsAny)))
                settings.Complain(Key, $"port {address.Port} is named twice", "Give each address its own port");
            else
                addresses.Add(address);
        }

        // Endpoints of Kestrel's own section would listen beside ours, without the strict gate.
        if (settings.Has("Kestrel:Endpoints"))
            settings.Complain("Kestrel:Endpoints", "is not read", $"Name the data ports in {Key}");
        return addresses;
    }
}
