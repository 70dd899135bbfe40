namespace DistCache.Proxy.Policies;

/// <summary>What a write does to what is stored.</summary>
internal enum WritePolicy
{
    /// <summary>RFC 9111 §4.4.</summary>
    Invalidate,
}
