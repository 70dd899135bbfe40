using System.Net;

namespace DistCache.Proxy.Configuration;

/// <summary>Networks as an operator writes them, wherever the configuration trusts some.</summary>
internal static class Networks
{
    /// <summary>An address alone is a network of one. Bits behind the prefix are refused: whoever writes 10.0.0.1/8 may well mean one machine.</summary>
    public static bool TryParse(string? text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var one))
        {
            network = new(one, one.GetAddressBytes().Length * 8);
            return true;
        }
        return IPNetwork.TryParse(text, out network) && IPAddress.TryParse(text.AsSpan(0, text!.IndexOf('/')), out var written) && written.Equals(network.BaseAddress);
    }
}
