namespace DistCache.OutputCaching;

/// <summary>Purges of a tag for the whole fleet.</summary>
internal interface IEvictions
{
    /// <summary>Returns when it is complete: no member of the fleet serves what the tag selected. Throws when that could not be had in time, or not be appended at all.</summary>
    Task EvictAsync(string tag, CancellationToken cancel);
}
