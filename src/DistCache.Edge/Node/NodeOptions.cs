using DistCache.Edge.Configuration;
using DistCache.Proxy.Policies;

namespace DistCache.Edge.Node;

/// <summary>
/// <c>DistCache:Node:{Id, Region}</c>: the names by which the fleet knows this process. 1 to 64 letters, digits, dots, dashes and
/// underscores. Defaults: the machine's name, and <c>local</c>. <c>Address</c>: the URL of its admin port as others see it, for the list of
/// nodes. <c>DataAddress</c>: that of its data port, for nodes that ask this one instead of the origin. <c>DrainTime</c>: how long responses and fills in flight may take to finish
/// once the process was told to stop, 0s to 1h, default 30s. Read at start.
/// </summary>
internal sealed record NodeOptions(string Id, string Region)
{
    public const string IdKey = "DistCache:Node:Id";
    public const string RegionKey = "DistCache:Node:Region";
    public const string AddressKey = "DistCache:Node:Address";
    public const string DataAddressKey = "DistCache:Node:DataAddress";
    public const string DrainTimeKey = "DistCache:Node:DrainTime";
    private const int MaxLength = 64;
    private static readonly TimeSpan MostDrainTime = TimeSpan.FromHours(1);

    /// <summary>Where other nodes and operators reach its admin port; null: not told.</summary>
    public string? Address { get; init; }

    /// <summary>Where other nodes reach a data port; null: none asks it.</summary>
    public string? DataAddress { get; init; }

    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);

    public static NodeOptions Read(Settings settings, string machineName)
    {
        settings.OnlyKnown("DistCache:Node", "Id", "Region", "Address", "DataAddress", "DrainTime");
        return new(
            Name(settings, IdKey, Cleaned(machineName)),
            Name(settings, RegionKey, "local"))
        {
            Address = Url(settings, AddressKey, "an admin port", "http://10.0.0.5:9090"),
            DataAddress = Url(settings, DataAddressKey, "a data port", "http://10.0.0.5:8080"),
            DrainTime = Time(settings, DrainTimeKey, TimeSpan.FromSeconds(30)),
        };
    }

    private static string? Url(Settings settings, string key, string what, string example)
    {
        if (settings[key] is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/")
            return text.TrimEnd('/');
        settings.Complain(key, $"'{text}' is not the URL of {what}", $"Write scheme, host and port, as in {example}");
        return null;
    }

    private static TimeSpan Time(Settings settings, string key, TimeSpan otherwise)
    {
        if (settings[key] is not { } text)
            return otherwise;
        if (Duration.TryParse(text, out var time) && time <= MostDrainTime)
            return time;
        settings.Complain(key, $"'{text}' is no duration from 0s to 1h", "Write 500ms, 30s, 5m or 00:05:00");
        return otherwise;
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
