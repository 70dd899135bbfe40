using DistCache.Edge.Configuration;
using DistCache.Edge.Hosts;

namespace DistCache.Edge.Admin;

/// <summary><c>DistCache:Admin:Listen</c>: the admin port, default <c>http://127.0.0.1:9090</c>. Loopback only, as it asks nobody for a key. Read at start.</summary>
internal sealed record AdminOptions(ListenAddress Listen)
{
    public const string ListenKey = "DistCache:Admin:Listen";
    public const string Default = "http://127.0.0.1:9090";

    public static AdminOptions? Read(Settings settings, IReadOnlyList<ListenAddress> dataPorts)
    {
        settings.OnlyKnown("DistCache:Admin", "Listen", "Keys");
        if (ListenAddress.Parse(settings[ListenKey] ?? Default, out var what) is not { } listen)
        {
            settings.Complain(ListenKey, what, "Write http://, a loopback address and a port, as in http://127.0.0.1:9090");
            return null;
        }

        if (listen.IsHttps)
            settings.Complain(ListenKey, $"'{listen}' is https, and the admin port speaks http", "Write http://, a loopback address and a port, as in http://127.0.0.1:9090");
        if (!listen.IsLoopback)
            settings.Complain(ListenKey, $"'{listen}' is not a loopback address, and the admin port asks nobody for a key", "Use 127.0.0.1, [::1] or localhost");
        if (listen.Port != 0 && dataPorts.Any(data => data.Port == listen.Port))
            settings.Complain(ListenKey, $"port {listen.Port} is a data port too", "Give the admin port a port of its own");
        return new(listen);
    }
}
