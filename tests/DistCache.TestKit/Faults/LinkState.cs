namespace DistCache.TestKit;

/// <summary>Whether anything passes in one direction of a link.</summary>
public enum LinkState
{
    Open,

    /// <summary>Nothing passes, and all of it arrives later: packets that are lost for a while, which TCP sends again.</summary>
    Stalled,

    /// <summary>Nothing passes and nobody is told. What was swallowed is gone, so those connections are reset when the link opens again.</summary>
    HalfOpen,
}
