using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DistCache.Proxy.Requests;

/// <summary>
/// One spelling of Host (RFC 9110 §4.2.3, §7.2): lower case, one trailing dot removed, no default or empty port, no leading
/// zeros in the port. Names are letters, digits, <c>-</c>, <c>.</c>, <c>_</c>, <c>~</c>; IPv6 literals stand in brackets.
/// </summary>
public static class HostField
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~");

    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEF:.");

    private static readonly SearchValues<char> UpperCase = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Canonicalises <paramref name="raw"/>; the same string comes back when it is canonical already.</summary>
    /// <param name="raw">Host as sent.</param>
    /// <param name="scheme"><c>http</c> or <c>https</c>: decides the default port.</param>
    /// <param name="canonical">The one spelling; empty when refused.</param>
    /// <returns>Whether <paramref name="raw"/> is a host with an optional port of 1 to 65535.</returns>
    public static bool TryCanonicalize(string raw, string scheme, out string canonical)
    {
        canonical = "";
        var colon = raw.StartsWith('[') ? PortColonBehindBracket(raw) : raw.IndexOf(':');
        var name = colon < 0 ? raw : raw.AsSpan(0, colon);
        var port = 0;
        if (colon >= 0 && !TryPort(raw.AsSpan(colon + 1), scheme, out port))
            return false;
        if (!IsAddressLiteral(name) && !TryName(ref name))
            return false;

        if (name.Length == raw.Length && !name.ContainsAny(UpperCase))
        {
            canonical = raw;
            return true;
        }

        var lower = name.ToString().ToLowerInvariant();
        canonical = port == 0 ? lower : string.Create(CultureInfo.InvariantCulture, $"{lower}:{port}");
        if (canonical == raw)
            canonical = raw;
        return true;
    }

    private static int PortColonBehindBracket(string raw)
    {
        var close = raw.IndexOf(']');
        return close >= 0 && close + 1 < raw.Length && raw[close + 1] == ':' ? close + 1 : -1;
    }

    private static bool TryName(ref ReadOnlySpan<char> name)
    {
        if (name.EndsWith('.'))
            name = name[..^1];
        return !name.IsEmpty && !name.EndsWith('.') && !name.ContainsAnyExcept(NameCharacters);
    }

    private static bool IsAddressLiteral(ReadOnlySpan<char> name) =>
        // .NET would also read a zone, a second pair of brackets and a port inside.
        name.Length > 2 && name[0] == '[' && name[^1] == ']' && !name[1..^1].ContainsAnyExcept(AddressCharacters)
        && IPAddress.TryParse(name[1..^1], out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>0 stands for "no port needed": none written (<c>host:</c>, RFC 3986 §3.2.3) or the scheme's own.</summary>
    private static bool TryPort(ReadOnlySpan<char> text, string scheme, out int port)
    {
        port = 0;
        if (text.IsEmpty)
            return true;
        if (!char.IsAsciiDigit(text[^1]) // .NET lets NULs stand behind a number.
            || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
            return false;
        if (port == (scheme == "https" ? 443 : 80))
            port = 0;
        return true;
    }
}
