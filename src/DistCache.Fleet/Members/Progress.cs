namespace DistCache.Fleet.Members;

/// <summary>How far a purge has come, as one coordinator knows it.</summary>
/// <param name="LeftOut">Members that are silent, and whose lease must be over: they hold nothing that they serve unasked.</param>
/// <param name="WatchLeft">How long the coordinator must go on watching before it may call anything complete: it is new, or the log has lost something. Null: for a first look only.</param>
public sealed record Progress(bool IsComplete, IReadOnlyList<MemberRow> Applied, IReadOnlyList<PendingMember> Pending, IReadOnlyList<MemberRow> LeftOut, TimeSpan? WatchLeft)
{
    /// <summary>In one region alone: all that is asked of its members.</summary>
    public bool IsCompleteIn(string region) => IsComplete || (WatchLeft is { Ticks: 0 } && Pending.All(member => member.Row.Region != region));
}

/// <param name="LeaseEndsIn">When it will be left out at the latest, if it stays silent; null: never.</param>
public sealed record PendingMember(MemberRow Row, TimeSpan? LeaseEndsIn);
