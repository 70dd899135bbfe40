namespace DistCache.Proxy.Policies;

/// <summary>What to do with stored responses when the purge log cannot be followed.</summary>
public enum Partition
{
    /// <summary>Ask the origin about each.</summary>
    Validate,

    /// <summary>Serve on; purges stay pending.</summary>
    Serve,
}
