namespace DistCache.Proxy.Hops;

/// <summary>What asking one node came to. Only the first three are an answer; after the others another one, or the origin, can be asked as if nothing had been.</summary>
internal enum HopOutcome
{
    Answered,

    /// <summary>The head came, the body did not all come.</summary>
    Cut,

    /// <summary>We gave it up.</summary>
    Cancelled,

    /// <summary>An answer that is not sealed: an error of the node's own, which says nothing of the origin's.</summary>
    Refused,

    /// <summary>It is true as of a place that this node cannot compare with what it knows (rule 20): not to be stored, and so of no use.</summary>
    Incomparable,

    Unreachable,

    TimedOut,

    /// <summary>It is no live member of its region any more, or the way to it is not open.</summary>
    Silent,
}
