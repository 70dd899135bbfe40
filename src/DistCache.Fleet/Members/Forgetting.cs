namespace DistCache.Fleet.Members;

/// <summary>What became of the wish that a member be forgotten.</summary>
public enum Forgetting
{
    /// <summary>No purge waits for it any more.</summary>
    Done,

    /// <summary>Nobody knows a member of that name, besides this node itself.</summary>
    Unknown,

    /// <summary>It was heard so short a time ago that it may hold a lease.</summary>
    IsHeard,

    /// <summary>The log gives no answer.</summary>
    NotReached,
}

/// <param name="Members">Those that are forgotten: several runs of one name, perhaps.</param>
/// <param name="Silent">For <see cref="Forgetting.IsHeard"/>: how long it has been silent at most,</param>
/// <param name="Needed">and how long it has to be: its lease and a margin.</param>
public sealed record ForgetAnswer(Forgetting Outcome, IReadOnlyList<MemberRow> Members, TimeSpan Silent, TimeSpan Needed);
