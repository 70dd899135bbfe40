using System.Text;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Storage.Tests.Memory;

/// <summary>I5: nobody makes us hold more than the configuration says, whatever URLs and fields they choose.</summary>
[CollectionDefinition(nameof(BoundsTests), DisableParallelization = true)]
[Collection(nameof(BoundsTests))]
public sealed class BoundsTests
{
    private const int Many = 20_000;
    private const int Most = 32 << 20; // as strings of 8 KB they would be 160 MB and more
    private static readonly string Long = new('x', 8_000);

    [Fact]
    public void A_mark_costs_little_however_long_its_key_is()
    {
        var markers = new UncacheableMarkers(new FakeTimeProvider());
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Many; i++)
            markers.Mark(new CacheKey(Encoding.ASCII.GetBytes(i + Long)), "no-store");
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, Most);
        Assert.True(markers.IsMarked(new CacheKey(Encoding.ASCII.GetBytes(7 + Long))));
    }

    [Fact]
    public void A_purged_URL_costs_little_however_long_it_is() // any client's POST purges one
    {
        var index = new PurgeIndex();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Many; i++)
            index.Apply([new(PurgeScope.Url, "http://test/" + i + Long)], PurgeMode.Hard, 0);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, Most);
        Assert.Equal(PurgeVerdict.Dead, index.Judge(PurgeIdentity.Of("http", "test", "/7" + Long, []), 0, out _));
    }

    [Fact]
    public void Names_of_fields_and_of_a_Vary_are_counted()
    {
        var tier = new MemoryTier(1 << 20);
        tier.Store(new()
        {
            Key = new CacheKey("/"u8),
            Variant = new VariantKey([Long], [null]),
            Status = 200,
            Fields = new FieldList([new(Long, "")]),
            Reuse = new ReuseFacts { InitialAge = TimeSpan.Zero, Lifetime = TimeSpan.FromHours(1) },
            Date = DateTimeOffset.UnixEpoch,
            ReceivedAt = 0,
            Identity = PurgeIdentity.Of("http", "test", "/", []),
            AsOf = 0,
            Body = Body.Of(tier.Pool, "x"u8),
        });
        Assert.InRange(tier.Pool.Used, 2 * Long.Length, int.MaxValue); // a byte each
    }
}
