using System.Net;
using DistCache.Geo.Places;

namespace DistCache.Geo.Clients;

/// <summary>Networks of proxies of ours, whose word about their clients counts. Immutable.</summary>
public sealed class TrustedProxies(IReadOnlyList<IPNetwork> networks)
{
    public static readonly TrustedProxies None = new([]);

    private readonly IPNetwork[] _networks = [.. networks];

    public bool IsEmpty => _networks.Length == 0;

    public bool Contains(IPAddress address)
    {
        if (_networks.Length == 0)
            return false;
        address = AddressKinds.Plain(address);
        foreach (var network in _networks)
            if (network.Contains(address))
                return true;
        return false;
    }
}
