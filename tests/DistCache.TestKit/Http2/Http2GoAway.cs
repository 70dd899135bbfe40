namespace DistCache.TestKit;

/// <summary>The peer's GOAWAY (RFC 9113 §6.8).</summary>
public sealed record Http2GoAway(int LastStreamId, Http2Error Error, string DebugText);
