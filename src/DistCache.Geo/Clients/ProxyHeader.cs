using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using DistCache.Geo.Places;

namespace DistCache.Geo.Clients;

/// <summary>What the first bytes of a connection are.</summary>
public enum ProxyHeaderResult
{
    /// <summary>A whole header.</summary>
    Whole,

    /// <summary>The beginning of one.</summary>
    NeedsMore,

    /// <summary>None, or a broken one.</summary>
    Malformed,
}

/// <summary>
/// The PROXY protocol's header, versions 1 and 2 (haproxy.org, proxy-protocol.txt, 2020): who connected to the proxy in front.
/// </summary>
/// <remarks>
/// <code>
/// 1   PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n        at most 107 bytes; TCP6, UNKNOWN
/// 2   0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A | version 2, command | family, transport | length, 2 bytes | addresses, ports, TLVs
/// </code>
/// </remarks>
public static class ProxyHeader
{
    /// <summary>Longest header that is taken, in bytes: addresses, and more TLVs than any proxy sends.</summary>
    public const int MostBytes = 4096;

    private const int MostLine = 107;
    private const int FixedPart = 16;

    private static ReadOnlySpan<byte> Signature => [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

    /// <param name="source">Null in a whole header: the proxy speaks for itself (its health check), or does not know.</param>
    /// <param name="length">Bytes of the header.</param>
    public static ProxyHeaderResult Read(ReadOnlySpan<byte> bytes, out IPEndPoint? source, out int length)
    {
        (source, length) = (null, 0);
        if (StartsAlike(bytes, Signature))
            return bytes.Length < FixedPart ? ProxyHeaderResult.NeedsMore : ReadBinary(bytes, out source, out length);
        return StartsAlike(bytes, "PROXY "u8) ? ReadLine(bytes, out source, out length) : ProxyHeaderResult.Malformed;
    }

    private static bool StartsAlike(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> begin)
    {
        var common = Math.Min(bytes.Length, begin.Length);
        return bytes[..common].SequenceEqual(begin[..common]);
    }

    private static ProxyHeaderResult ReadLine(ReadOnlySpan<byte> bytes, out IPEndPoint? source, out int length)
    {
        (source, length) = (null, 0);
        var end = bytes[..Math.Min(bytes.Length, MostLine)].IndexOf("\r\n"u8);
        if (end < 0)
            return bytes.Length < MostLine ? ProxyHeaderResult.NeedsMore : ProxyHeaderResult.Malformed;
        length = end + 2;
        if (!Ascii.IsValid(bytes[..end]))
            return ProxyHeaderResult.Malformed;
        var words = Encoding.ASCII.GetString(bytes[..end]).Split(' ');
        if (words is ["PROXY", "UNKNOWN", ..])
            return ProxyHeaderResult.Whole;
        if (words is not ["PROXY", "TCP4" or "TCP6", _, _, _, _]
            || !TryAddress(words[2], words[1] == "TCP6", out var address) || !TryAddress(words[3], words[1] == "TCP6", out _)
            || !TryPort(words[4], out var port) || !TryPort(words[5], out _))
            return ProxyHeaderResult.Malformed;
        source = new(AddressKinds.Plain(address), port);
        return ProxyHeaderResult.Whole;
    }

    private static ProxyHeaderResult ReadBinary(ReadOnlySpan<byte> bytes, out IPEndPoint? source, out int length)
    {
        source = null;
        length = FixedPart + BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        var (version, command, family) = (bytes[12] >> 4, bytes[12] & 0x0f, bytes[13]);
        if (version != 2 || command > 1 || length > MostBytes)
            return ProxyHeaderResult.Malformed;
        if (bytes.Length < length)
            return ProxyHeaderResult.NeedsMore;
        if (command == 0)
            return ProxyHeaderResult.Whole; // LOCAL
        var addresses = bytes[FixedPart..length];
        switch (family)
        {
            case 0x11 or 0x12 when addresses.Length >= 12:
                source = new(new IPAddress(addresses[..4]), BinaryPrimitives.ReadUInt16BigEndian(addresses[8..]));
                return ProxyHeaderResult.Whole;
            case 0x21 or 0x22 when addresses.Length >= 36:
                source = new(AddressKinds.Plain(new IPAddress(addresses[..16])), BinaryPrimitives.ReadUInt16BigEndian(addresses[32..]));
                return ProxyHeaderResult.Whole;
            case 0x11 or 0x12 or 0x21 or 0x22:
                return ProxyHeaderResult.Malformed;
            default:
                return ProxyHeaderResult.Whole; // UNSPEC, or a Unix socket: an address that is no place
        }
    }

    private static bool TryAddress(string text, bool isIpv6, out IPAddress address) =>
        IPAddress.TryParse(text, out address!)
        && (isIpv6 ? text.Contains(':') : address.ToString() == text && !text.Contains(':'));

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65_535;
}
