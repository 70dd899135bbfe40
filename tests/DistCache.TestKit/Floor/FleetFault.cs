namespace DistCache.TestKit;

/// <summary>One thing that goes wrong for a while, and is then mended.</summary>
public enum FleetFault
{
    /// <summary>SIGSTOP an edge, SIGCONT.</summary>
    FreezeEdge,

    /// <summary>kill -9 an edge, start it again.</summary>
    KillEdge,

    /// <summary>An edge hears nothing of the fleet; what was sent arrives later.</summary>
    StallEdge,

    /// <summary>An edge hears nothing of the fleet; what was sent is gone.</summary>
    IsolateEdge,

    /// <summary>An edge's links to the fleet are reset, and refused.</summary>
    CutEdge,

    /// <summary>An edge is heard, and hears nothing.</summary>
    DeafEdge,

    /// <summary>SIGSTOP the purge log's server, SIGCONT.</summary>
    FreezeLog,

    /// <summary>kill -9 the purge log's server, start it again.</summary>
    KillLog,

    /// <summary>kill -9 the purge log's server, start it again without what it took last: positions are given again.</summary>
    RevertLog,

    /// <summary>kill -9 the purge log's server, start it again without anything: it is another log.</summary>
    EmptyLog,

    /// <summary>kill -9 a region's shared tier, start it again, empty.</summary>
    KillShared,

    /// <summary>A region's shared tier is slow, and turns bits.</summary>
    SpoilShared,

    /// <summary>The origin is slow to answer one edge: fills take long.</summary>
    SlowOrigin,
}
