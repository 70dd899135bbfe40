using System.Net;
using DistCache.Geo.Places;

namespace DistCache.Geo.Clients;

/// <summary>
/// Who the client is: the rightmost hop that is not a trusted proxy. Each trusted proxy vouches for the hop that it wrote, at the right end; what stands
/// left of a hop that is not trusted is that client's invention.
/// </summary>
public static class ClientAddress
{
    /// <summary>Null: a trusted proxy names a hop that is no address (<c>unknown</c>, <c>_hidden</c>), so nobody knows.</summary>
    /// <param name="peer">The other end of the connection.</param>
    /// <param name="lines">The lines of <paramref name="field"/>, in the order in which they came.</param>
    public static IPAddress? Of(IPAddress peer, IReadOnlyList<string?> lines, ForwardedField field, TrustedProxies trusted) =>
        Walk(peer, lines, field, trusted, proxies: null, out _);

    /// <summary>The same, with the proxies that vouch for it. No proxies: the peer itself is not trusted.</summary>
    public static ForwardedHops HopsOf(IPAddress peer, IReadOnlyList<string?> lines, ForwardedField field, TrustedProxies trusted)
    {
        var proxies = new List<IPAddress>();
        var client = Walk(peer, lines, field, trusted, proxies, out var hop);
        proxies.Reverse();
        return new(client, proxies, field is ForwardedField.Forwarded && SchemeOf(hop) is { IsEmpty: false } scheme ? scheme.ToString() : null);
    }

    /// <param name="proxies">Gets those that were passed, the peer first.</param>
    /// <param name="last">What the proxy that the client talked to wrote of it; empty: it wrote nothing.</param>
    private static IPAddress? Walk(IPAddress peer, IReadOnlyList<string?> lines, ForwardedField field, TrustedProxies trusted, List<IPAddress>? proxies, out ReadOnlySpan<char> last)
    {
        last = default;
        var client = AddressKinds.Plain(peer);
        for (var line = lines.Count - 1; line >= 0; line--)
        {
            var rest = lines[line].AsSpan();
            while (!rest.IsEmpty)
            {
                if (!trusted.Contains(client))
                    return client;
                var hop = LastMember(ref rest).Trim(" \t");
                if (hop.IsEmpty)
                    continue; // an empty member of a list is none (RFC 9110 §5.6.1)
                last = hop;
                proxies?.Add(client);
                if (!TryRead(hop, field, out var address))
                    return null;
                client = address;
            }
        }
        return client;
    }

    /// <summary>The part behind the last comma outside of quotes; <paramref name="rest"/> keeps what stands before.</summary>
    private static ReadOnlySpan<char> LastMember(scoped ref ReadOnlySpan<char> rest)
    {
        var isQuoted = false;
        for (var i = rest.Length - 1; i >= 0; i--)
        {
            if (rest[i] == '"')
                isQuoted = !isQuoted;
            if (rest[i] != ',' || isQuoted)
                continue;
            var last = rest[(i + 1)..];
            rest = rest[..i];
            return last;
        }
        var all = rest;
        rest = default;
        return all;
    }

    private static bool TryRead(ReadOnlySpan<char> hop, ForwardedField field, out IPAddress address)
    {
        if (field is ForwardedField.XForwardedFor)
            return TryReadNode(hop.Trim('"'), out address);
        address = IPAddress.None;
        return Parameter(hop, "for") is { IsEmpty: false } node && TryReadNode(node, out address);
    }

    private static ReadOnlySpan<char> SchemeOf(ReadOnlySpan<char> hop) => Parameter(hop, "proto");

    /// <summary>Of a member of Forwarded (RFC 7239 §4), without its quotes; empty: it has none.</summary>
    private static ReadOnlySpan<char> Parameter(ReadOnlySpan<char> hop, string name)
    {
        foreach (var range in hop.Split(';'))
        {
            var pair = hop[range].Trim(" \t");
            var at = pair.IndexOf('=');
            if (at >= 0 && pair[..at].Equals(name, StringComparison.OrdinalIgnoreCase))
                return pair[(at + 1)..].Trim('"');
        }
        return default;
    }

    /// <summary><c>192.0.2.1</c>, <c>192.0.2.1:80</c>, <c>[2001:db8::1]:80</c>, <c>2001:db8::1</c>; nothing else.</summary>
    private static bool TryReadNode(ReadOnlySpan<char> node, out IPAddress address)
    {
        address = IPAddress.None;
        if (node is ['[', ..])
        {
            var end = node.IndexOf(']');
            if (end < 0 || !IsPort(node[(end + 1)..]) || !node[1..end].Contains(':'))
                return false;
            node = node[1..end];
        }
        else if (node.Count(':') == 1)
        {
            var colon = node.IndexOf(':');
            if (!IsPort(node[colon..]))
                return false;
            node = node[..colon];
        }
        // The library also reads 1, 0x7f.1 and 010.0.0.1, which every other reader takes for something else.
        if (!IPAddress.TryParse(node, out var read) || (!node.Contains(':') && !node.SequenceEqual(read.ToString())))
            return false;
        address = AddressKinds.Plain(read);
        return true;
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.IsEmpty || (text[0] == ':' && text.Length is > 1 and <= 6 && !text[1..].ContainsAnyExceptInRange('0', '9'));
}
