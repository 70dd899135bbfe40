namespace DistCache.Edge;

internal static class ExitCode
{
    /// <summary>An orderly stop; of a verb, that it is done.</summary>
    public const int Stopped = 0;

    /// <summary>The node could not be asked, or could not do it now: the same command may be well the next time.</summary>
    public const int NotAnswered = 1;

    /// <summary>The command line or the configuration has to be put right first; stderr says where and how.</summary>
    public const int ToBePutRight = 2;

    /// <summary>A purge was taken, and not every node that was waited for is known to have applied it yet.</summary>
    public const int Pending = 3;
}
