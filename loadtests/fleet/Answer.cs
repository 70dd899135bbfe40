using DistCache.TestKit;

namespace DistCache.LoadTests.Fleet;

/// <summary>Which tier answered.</summary>
internal enum Tier
{
    Memory,
    Shared,

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
        var status = answer.Field("Cache-Status") ?? "";
        if (status.Contains("detail=shared-tier", StringComparison.Ordinal))
            return Tier.Shared;
        if (status.Contains("; collapsed", StringComparison.Ordinal))
            return Tier.Collapsed;
        return status.Contains("; hit", StringComparison.Ordinal) ? Tier.Memory : Tier.Origin;
    }
}
