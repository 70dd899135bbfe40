namespace DistCache.Proxy.Policies;

/// <summary>How new the purge log must be known to serve without asking the origin.</summary>
public enum Consistency
{
    /// <summary>Within the node's lease.</summary>
    Eventual,

    /// <summary>Within <c>MaxLag</c>.</summary>
    Bounded,

    /// <summary>Confirmed for each request.</summary>
    Strong,
}
