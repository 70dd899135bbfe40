namespace DistCache.Proxy.Fills;

/// <summary>What a fill may do with the shared tier.</summary>
internal enum SharedUse
{
    None,

    /// <summary>Take what is there. It asks the origin for itself alone, so it neither waits for others nor makes them wait.</summary>
    Read,

    /// <summary>Take what is there; where nothing is, fetch it for the whole region, or wait for who does.</summary>
    ReadAndLead,
}
