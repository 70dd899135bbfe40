using System.Globalization;
using DistCache.Proxy.Policies;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Origins;

/// <summary><c>DistCache:Origin</c>: how long origins may take, and how much is asked of them at once. Read at start.</summary>
/// <param name="ConnectTimeout">Until a connection stands, TLS included. 1 s to 5 min, default 15 s.</param>
/// <param name="FirstByteTimeout">
/// From asking without a body until the answer's fields are here, waiting for a free connection included. 1 s to 1 h, default 60 s.
/// </param>
/// <param name="IdleTimeout">
/// While nothing moves in either direction: an answer's body, an upload, an upgraded connection. 1 s to 1 h, default 60 s; at least
/// <paramref name="FirstByteTimeout"/>. A cluster's own <c>HttpRequest:ActivityTimeout</c> takes the place of both.
/// </param>
/// <param name="MaxConnections">
/// To each destination of a cluster; who comes when all are taken waits. 1 to 65,535, default 1,024. A cluster's own
/// <c>HttpClient:MaxConnectionsPerServer</c> goes before. Upgraded connections (WebSocket) are not counted.
/// </param>
/// <param name="MaxFills">
/// Fetches for the cache under way at once, over all origins. One more gets what is stale where that is allowed, or 503. 1 to 1,000,000, default 10,000.
/// </param>
public sealed record OriginOptions(TimeSpan ConnectTimeout, TimeSpan FirstByteTimeout, TimeSpan IdleTimeout, int MaxConnections, int MaxFills)
{
    public const string Section = "DistCache:Origin";

    private static readonly string[] Known = [nameof(ConnectTimeout), nameof(FirstByteTimeout), nameof(IdleTimeout), nameof(MaxConnections), nameof(MaxFills)];

    /// <param name="errors">One line for each value that cannot be used; its default is taken.</param>
    public static OriginOptions Read(IConfiguration configuration, ICollection<string> errors)
    {
        var section = configuration.GetSection(Section);
        foreach (var child in section.GetChildren())
            if (!Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                errors.Add($"{child.Path}: there is no such setting; {Section} has {string.Join(", ", Known)}.");
        var firstByte = Time(section, nameof(FirstByteTimeout), TimeSpan.FromSeconds(60), TimeSpan.FromHours(1), errors);
        var idle = Time(section, nameof(IdleTimeout), TimeSpan.FromSeconds(60), TimeSpan.FromHours(1), errors);
        return new(
            Time(section, nameof(ConnectTimeout), TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(5), errors),
            firstByte,
            idle < firstByte ? firstByte : idle,
            Count(section, nameof(MaxConnections), 1024, 65_535, errors),
            Count(section, nameof(MaxFills), 10_000, 1_000_000, errors));
    }

    private static TimeSpan Time(IConfigurationSection section, string key, TimeSpan value, TimeSpan most, ICollection<string> errors)
    {
        if (section[key] is not { Length: > 0 } text)
            return value;
        if (Duration.TryParse(text, out var time) && time >= TimeSpan.FromSeconds(1) && time <= most)
            return time;
        errors.Add($"{section.Path}:{key}: '{text}' is not a duration from 1s to {most:c}; write it as 30s, 5m or 00:05:00.");
        return value;
    }

    private static int Count(IConfigurationSection section, string key, int value, int most, ICollection<string> errors)
    {
        if (section[key] is not { Length: > 0 } text)
            return value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= most)
            return count;
        errors.Add($"{section.Path}:{key}: '{text}' is not a whole number from 1 to {most.ToString(CultureInfo.InvariantCulture)}.");
        return value;
    }
}
