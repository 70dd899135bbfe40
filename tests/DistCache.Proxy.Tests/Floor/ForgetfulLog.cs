using DistCache.Fleet.Logs;

namespace DistCache.Proxy.Tests.Floor;

/// <summary>A log that all share, whose store may lose what it took last.</summary>
internal sealed class ForgetfulLog(TimeProvider time) : MemoryPurgeLog(time)
{
    public override bool IsLocal => false;

    /// <summary>Another server answers from now on, which has never had the last records.</summary>
    public void FailOver(int lost) => Locked(() =>
    {
        Session++;
        Entries.RemoveRange(Entries.Count - lost, lost);
    });
}
