using System.Net;

namespace DistCache.Proxy.Purging;

/// <summary><c>DistCache:Purge:AllowedNetworks</c>: who may send PURGE besides loopback.</summary>
public sealed class PurgeNetworks
{
    private volatile IPNetwork[] _networks = [];

    public void Replace(IEnumerable<IPNetwork> networks) => _networks = [.. networks];

    public bool Allow(IPAddress? address)
    {
        if (address is null)
            return false;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return IPAddress.IsLoopback(address) || Array.Exists(_networks, network => network.Contains(address));
    }
}
