namespace DistCache.Storage.Bodies;

/// <summary>Counts of owners that never rise again once they have been zero.</summary>
internal static class OwnerCount
{
    /// <summary>One more; false: the last one has let go already. No lock.</summary>
    public static bool TryAdd(ref int owners)
    {
        var count = Volatile.Read(ref owners);
        while (count > 0)
        {
            var seen = Interlocked.CompareExchange(ref owners, count + 1, count);
            if (seen == count)
                return true;
            count = seen;
        }
        return false;
    }
}
