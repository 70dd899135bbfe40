namespace DistCache.Geo.Databases;

/// <summary>How a followed database stands: for health, metrics and explanations. Immutable.</summary>
/// <param name="Path">The file that is followed.</param>
public sealed record DatabaseState(string Path)
{
    /// <summary>The database type in force, as <c>GeoLite2-Country</c>; null: none is.</summary>
    public string? Type { get; init; }

    /// <summary>When the one in force was made.</summary>
    public DateTimeOffset? BuiltAt { get; init; }

    /// <summary>When the one in force was taken.</summary>
    public DateTimeOffset? TakenAt { get; init; }

    /// <summary>Why the file as it is now is not in force, whole sentences with the remedy; null: it is.</summary>
    public string? Problem { get; init; }

    /// <summary>Files taken since the start.</summary>
    public long Taken { get; init; }

    /// <summary>Files refused since the start.</summary>
    public long Refused { get; init; }

    /// <summary>The file as it is now is in force.</summary>
    public bool IsGood => Problem is null;
}
