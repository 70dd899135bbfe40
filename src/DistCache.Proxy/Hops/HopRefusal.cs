namespace DistCache.Proxy.Hops;

/// <summary>Why a request that says it comes from another node of the fleet is not taken for one.</summary>
internal enum HopRefusal
{
    None,
    Malformed,

    /// <summary>Another secret, or something of what it covers was changed.</summary>
    Signature,

    /// <summary>Too long ago, or not yet: sent again by somebody, or the nodes' clocks differ.</summary>
    Clock,
}
