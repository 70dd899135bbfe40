using System.Text;
using DistCache.Storage.Keys;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Keys;

/// <summary>Attack class A18: who chooses URLs must not be able to choose where their keys fall in the index.</summary>
public sealed class HashFloodTests
{
    [Theory]
    [InlineData("java")]
    [InlineData("djb2")]
    [InlineData("fnv")]
    public void A_hundred_thousand_targets_of_one_hash_fall_in_as_many_places(string hash)
    {
        var targets = Collisions.Of(hash, 100_000);
        var places = targets.Select(target => CacheKeyComparer.Instance.GetHashCode(new CacheKey(Encoding.ASCII.GetBytes(target)))).Distinct().Count();
        Assert.InRange(places, 99_900, 100_000);
    }

    [Fact]
    public void They_do_collide_for_a_hash_without_a_seed()
    {
        Assert.Single(Collisions.Of("java", 1000).Select(text => text.Aggregate(0, (hash, c) => (hash * 31) + c)).Distinct());
        Assert.Single(Collisions.Of("djb2", 1000).Select(text => text.Aggregate(5381, (hash, c) => (hash * 33) + c)).Distinct());
        Assert.Single(Collisions.Of("fnv", 1000).Select(Collisions.Fnv).Distinct());
        Assert.Equal(1000, Collisions.Of("fnv", 1000).Distinct().Count());
    }
}
