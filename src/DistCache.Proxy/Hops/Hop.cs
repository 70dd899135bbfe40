using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using DistCache.Proxy.Geo;
using DistCache.Storage.Shared;

namespace DistCache.Proxy.Hops;

/// <summary>
/// One node of the fleet asks another in the place of the origin, and this is what it says besides its client's request: who it is by
/// knowing the secret, what it knows of purges, and of which client and which key it speaks. Only such a request may name a position, and only
/// its answer names one (rule 20): from anybody else it would be a way to outlive purges (V12).
/// </summary>
/// <remarks>
/// <code>
/// DistCache-Hop: 1;time;nonce;log.position.record;key;region;scheme;host;client;place;signature
///                  |    |     |                   |   |                  |      what the key may hold of the client's place
///                  |    |     |                   |   |                  other end of the client's connection
///                  |    |     |                   |   the asker's
///                  |    |     |                   SHA-256 of the cache key, 128 bits
///                  |    |     what the asker has applied
///                  |    random, in the signature of the answer too
///                  milliseconds since 1970
/// </code>
/// The signature covers the method and the target as well. Fields and bodies it does not cover: where somebody may change those on their way, nodes
/// have to speak TLS.
/// </remarks>
internal sealed record Hop
{
    public const string Field = "DistCache-Hop";

    /// <summary>How far apart the clocks of two nodes may be, and for how long a request could be sent again by who has seen it.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private const string Revision = "1";
    private const string Nothing = "-";

    /// <summary>By which it is signed.</summary>
    public required HopSecret Secret { get; init; }

    public required DateTimeOffset At { get; init; }

    public string Nonce { get; init; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    public required Stamp Stamp { get; init; }

    /// <summary><see cref="KeyOf"/> the asker's key: where both do not come to the same, their configurations differ, and one's answer is not the other's.</summary>
    public required string Key { get; init; }

    /// <summary>The asker's.</summary>
    public required string Region { get; init; }

    public required string Scheme { get; init; }

    public required string Host { get; init; }

    public required IPAddress? Client { get; init; }

    public required ClientPlace? Place { get; init; }

    public static string KeyOf(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    public bool IsOf(ReadOnlySpan<byte> key) => KeyOf(key) == Key;

    public string Write(string method, string target)
    {
        var text = string.Join(';', Revision, At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), Nonce, StampText.Write(Stamp), Key, Region, Scheme, Host,
            Client?.ToString() ?? Nothing, HopPlace.Write(Place));
        return $"{text};{Secret.Sign(Covered(method, target, text))}";
    }

    public static HopRefusal TryRead(string field, string method, string target, HopSecret secret, DateTimeOffset now, out Hop? hop)
    {
        hop = null;
        var end = field.LastIndexOf(';');
        if (end < 0 || field[..end].Split(';') is not [Revision, var time, { Length: 32 } nonce, var stampText, var key, var region, ("http" or "https") and var scheme, var host, var client, var place]
            || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            || !StampText.TryRead(stampText, out var stamp))
            return HopRefusal.Malformed;
        if (!secret.Verifies(Covered(method, target, field[..end]), field[(end + 1)..]))
            return HopRefusal.Signature;
        IPAddress? address = null;
        if ((client != Nothing && !IPAddress.TryParse(client, out address)) || !HopPlace.TryRead(place, address, out var told))
            return HopRefusal.Malformed;
        var at = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        if ((now - at).Duration() > Window)
            return HopRefusal.Clock;
        hop = new()
        {
            Secret = secret, At = at, Nonce = nonce, Stamp = stamp, Key = key, Region = region, Scheme = scheme, Host = host, Client = address, Place = told,
        };
        return HopRefusal.None;
    }

    /// <summary>Neither a method nor a target holds a line end, so no two requests give the same text.</summary>
    private static string Covered(string method, string target, string text) => $"hop-request\n{method}\n{target}\n{text}";
}
