namespace DistCache.TestKit;

/// <summary>One answer that a client got.</summary>
/// <param name="Invoked">Before the request was sent: <see cref="TimeProvider.GetTimestamp"/>.</param>
/// <param name="Completed">After the answer was whole.</param>
/// <param name="IsFresh">It was not told to be stale.</param>
public readonly record struct FloorRead(long Invoked, long Completed, long Version, short Key, short Edge, bool IsFresh);

/// <summary>A write at the origin: it may have served this version since <paramref name="Invoked"/>.</summary>
public readonly record struct FloorWrite(long Invoked, short Key, long Version);

/// <summary>A purge that was acknowledged as complete, of a key that stood at this version, or a later one, when the purge was sent.</summary>
/// <param name="Acknowledged">After the acknowledgement came.</param>
public readonly record struct FloorPurge(long Acknowledged, short Key, long Version, bool IsSoft);
