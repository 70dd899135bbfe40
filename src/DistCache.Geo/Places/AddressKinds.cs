using System.Net;

namespace DistCache.Geo.Places;

/// <summary>The special-purpose registries of IANA (RFC 6890), as far as they matter for a place.</summary>
public static class AddressKinds
{
    private static readonly IPNetwork[] Private = Networks(
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10");

    private static readonly IPNetwork[] Special = Networks(
        "0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/128", "100::/64", "2001:db8::/32", "3fff::/20", "ff00::/8");

    public static AddressKind Of(IPAddress address)
    {
        address = Plain(address);
        if (Array.Exists(Private, network => network.Contains(address)))
            return AddressKind.Private;
        return Array.Exists(Special, network => network.Contains(address)) ? AddressKind.Special : AddressKind.Public;
    }

    /// <summary>An IPv4 address that is written as an IPv6 one is that IPv4 address; a scope says nothing of a place.</summary>
    public static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes())
        : address;

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(IPNetwork.Parse)];
}
