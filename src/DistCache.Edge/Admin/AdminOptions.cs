using System.Globalization;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Configuration;
using DistCache.Edge.Hosts;

namespace DistCache.Edge.Admin;

/// <summary><c>DistCache:Admin:Listen</c>: the admin port, default <c>http://127.0.0.1:9090</c>. Loopback only, unless there are <see cref="Keys"/>. Read at start.</summary>
internal sealed record AdminOptions(ListenAddress Listen)
{
    /// <summary><c>DistCache:Admin:Keys</c>.</summary>
    public ApiKeys Keys { get; init; } = ApiKeys.None;

    /// <summary><c>DistCache:Admin:Rate</c>: requests a second of one key, 1 to 10,000, default 100; ten seconds' worth may come at once.</summary>
    public int Rate { get; init; } = DefaultRate;

    public const string RateKey = "DistCache:Admin:Rate";
    private const int DefaultRate = 100;
    private const int MostRate = 10_000;

    public const string ListenKey = "DistCache:Admin:Listen";
    public const string Default = "http://127.0.0.1:9090";

    public static AdminOptions? Read(Settings settings, IReadOnlyList<ListenAddress> dataPorts)
    {
        settings.OnlyKnown("DistCache:Admin", "Listen", "Keys", "Rate");
        var keys = ApiKeys.Read(settings);
        if (ListenAddress.Parse(settings[ListenKey] ?? Default, out var what) is not { } listen)
        {
            settings.Complain(ListenKey, what, "Write http://, a loopback address and a port, as in http://127.0.0.1:9090");
            return null;
        }

        if (listen.IsHttps)
            settings.Complain(ListenKey, $"'{listen}' is https, and the admin port speaks http", "Write http://, a loopback address and a port, as in http://127.0.0.1:9090");
        if (!listen.IsLoopback && keys.Count == 0)
            settings.Complain(ListenKey, $"'{listen}' is not a loopback address, and the admin port asks nobody for a key", "Use 127.0.0.1, [::1] or localhost, or configure DistCache:Admin:Keys");
        if (listen.Port != 0 && dataPorts.Any(data => data.Port == listen.Port))
            settings.Complain(ListenKey, $"port {listen.Port} is a data port too", "Give the admin port a port of its own");
        return new(listen) { Keys = keys, Rate = ReadRate(settings) };
    }

    private static int ReadRate(Settings settings)
    {
        if (settings[RateKey] is not { } text)
            return DefaultRate;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rate) && rate is > 0 and <= MostRate)
            return rate;
        settings.Complain(RateKey, $"'{text}' is not a number of requests a second", $"Write 1 to {MostRate}");
        return DefaultRate;
    }
}
