namespace DistCache.TestKit;

/// <summary>What the peer did with its side of the connection.</summary>
public enum ConnectionEnd
{
    Open,

    /// <summary>FIN: closed in order.</summary>
    Closed,

    /// <summary>RST.</summary>
    Reset,
}
