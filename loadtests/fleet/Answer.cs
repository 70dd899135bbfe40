using DistCache.TestKit;

namespace DistCache.LoadTests.Fleet;

/// <summary>Which tier answered.</summary>
internal enum Tier
{
    Memory,
    Shared,

    /// <summary>A node of the region that is asked in the place of the origin.</summary>
    Shield,

    /// <summary>Read along with another request that was being answered.</summary>
    Collapsed,

    /// <summary>The origin sent a page, or confirmed one.</summary>
    Origin,
}

/// <param name="Second">Since the start of the traffic.</param>
internal readonly record struct Answer(int Second, int Continent, short Region, Tier Tier)
{
    public static Tier TierOf(RawAnswer answer)
    {
        var status = OwnStatusOf(answer);
        if (status.Contains("detail=shared-tier", StringComparison.Ordinal))
            return Tier.Shared;
        if (status.Contains("; collapsed", StringComparison.Ordinal))
            return Tier.Collapsed;
        if (status.Contains("; hit", StringComparison.Ordinal))
            return Tier.Memory;
        return status.Length < answer.Field("Cache-Status")?.Length ? Tier.Shield : Tier.Origin;
    }

    /// <summary>RFC 9211: the member of the cache that is nearest to the client, the last one.</summary>
    public static string OwnStatusOf(RawAnswer answer)
    {
        var status = answer.Field("Cache-Status") ?? "";
        return status[(status.LastIndexOf(',') + 1)..].TrimStart();
    }
}
