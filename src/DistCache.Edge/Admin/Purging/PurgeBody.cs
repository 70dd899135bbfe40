namespace DistCache.Edge.Admin.Purging;

/// <summary>The body of <c>POST /api/v1/purges</c>.</summary>
internal sealed record PurgeBody
{
    /// <summary>Absolute; all variants, both schemes.</summary>
    public string?[]? Urls { get; init; }
    public string?[]? Tags { get; init; }
    public string?[]? Prefixes { get; init; }
    public string?[]? Hosts { get; init; }
    public bool Everything { get; init; }

    /// <summary>Must be true beside <see cref="Everything"/>.</summary>
    public bool Confirm { get; init; }

    /// <summary>hard (default) or soft.</summary>
    public string? Mode { get; init; }

    /// <summary>none, region or all (default): whose word the answer waits for. One node alone has applied it before it answers.</summary>
    public string? Wait { get; init; }

    /// <summary>How long it waits, as 10s. At most 1h, default 30s.</summary>
    public string? Timeout { get; init; }

    /// <summary>Purge nothing, say how many stored responses of this node would be.</summary>
    public bool DryRun { get; init; }

    /// <summary>A repetition with the same key gets the same answer and purges nothing again.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Of <c>POST /api/v1/purges</c> and <c>GET /api/v1/purges/{position}</c>.</summary>
/// <param name="Applied">Ids of the nodes that have applied it.</param>
/// <param name="Status">complete; region, every node of this node's region has applied it; pending; superseded, the log lost it and has another record at its position.</param>
/// <param name="Pending">Those that have not been heard of.</param>
internal sealed record PurgeAnswer(
    long Position, string Id, string Status, string Mode, DateTimeOffset At, string By, IReadOnlyList<string> Applied, IReadOnlyList<PendingNode> Pending, IReadOnlyList<string> Selectors)
{
    /// <summary>Ids of silent nodes that serve nothing unasked any more: it does not wait for them. Null: there are none.</summary>
    public IReadOnlyList<string>? LeftOut { get; init; }

    /// <summary>Seconds until this node has watched the others for long enough to call anything complete; null: it has.</summary>
    public double? WatchesFor { get; init; }
}

/// <param name="LeaseEndsIn">Seconds until it is waited for no longer, if it stays silent; null: it is waited for without end.</param>
internal sealed record PendingNode(string Node, string Region, double? LeaseEndsIn);

internal sealed record PurgeList(IReadOnlyList<PurgeAnswer> Items, long? Next);

internal sealed record PurgeTrial(bool DryRun, long Responses, long Bytes);
