namespace DistCache.Geo.Regions;

/// <summary>A place where edges stand. Immutable.</summary>
/// <param name="Name">As in <c>DistCache:Node:Region</c> of its nodes.</param>
public sealed record Region(string Name)
{
    /// <summary>Where it is; null: it is chosen by <see cref="Countries"/> alone.</summary>
    public GeoPoint? Point { get; init; }

    /// <summary>Countries and groups whose clients belong here, however far it is.</summary>
    public IReadOnlyList<string> Countries { get; init; } = [];

    /// <summary>Scheme, host and port by which clients reach it; null: nobody can be sent there.</summary>
    public Uri? PublicAddress { get; init; }

    /// <summary>The region that its misses go to; null: the origin.</summary>
    public string? Shield { get; init; }

    /// <summary>One of its edges keeps a key for all, and the others ask it.</summary>
    public bool IsPartitioned { get; init; }

    /// <summary>False: an operator has taken it out of the choice.</summary>
    public bool IsAvailable { get; init; } = true;
}
