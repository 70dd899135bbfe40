namespace DistCache.Edge;

internal static class ExitCode
{
    /// <summary>An orderly stop.</summary>
    public const int Stopped = 0;

    /// <summary>The node could not be asked, or failed to answer.</summary>
    public const int NotAnswered = 1;

    /// <summary>A purge was taken, and not every node has applied it yet.</summary>
    public const int Pending = 3;

    /// <summary>The command line or the configuration has to be put right first; stderr says where and how.</summary>
    public const int ToBePutRight = 2;
}
