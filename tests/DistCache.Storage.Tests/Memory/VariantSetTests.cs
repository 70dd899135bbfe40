using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;

namespace DistCache.Storage.Tests.Memory;

public sealed class VariantSetTests
{
    private readonly MemoryTier _tier = new(1 << 20);

    [Fact]
    public void Beyond_the_bound_the_oldest_whose_bit_is_clear_leaves()
    {
        for (var i = 0; i < MemoryTier.MostVariants; i++)
            Store(i);
        var set = _tier.Find("/"u8)!;
        foreach (var response in set.Responses)
            if (response.Date.Second is 0 or 1 or 2)
                _tier.Hit(response);
        Store(MemoryTier.MostVariants);
        Assert.Equal(["v0", "v1", "v2"], Names().Where(name => name is "v0" or "v1" or "v2" or "v3").Order());
    }

    [Fact]
    public void When_every_bit_is_set_the_oldest_leaves()
    {
        for (var i = 0; i < MemoryTier.MostVariants; i++)
            Store(i);
        foreach (var response in _tier.Find("/"u8)!.Responses)
            _tier.Hit(response);
        Store(MemoryTier.MostVariants);
        Assert.DoesNotContain("v0", Names());
        Assert.Equal(MemoryTier.MostVariants, Names().Length);
    }

    private void Store(int number) => _tier.Store(Stored.Response("/", Body.Of(_tier.Pool, "x"u8), language: "v" + number, second: number));

    private string[] Names() => [.. _tier.Find("/"u8)!.Responses.ToArray().Select(response => response.Variant.Values[0]!)];
}
