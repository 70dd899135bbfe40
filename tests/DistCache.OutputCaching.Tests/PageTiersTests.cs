using System.Buffers;
using System.Text;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.OutputCaching.Tests;

/// <summary>One instance, memory alone.</summary>
public class PageTiersTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PurgeIndex _purges = new(PageUrl.Of);
    private readonly Lease _lease = new();
    private readonly PageTiers _tiers;

    public PageTiersTests()
    {
        _tiers = new PageTiers(new MemoryTier(1 << 20, _time, _purges), null, _purges, _lease, _time);
        _lease.Extend(_time.GetTimestamp(), long.MaxValue);
    }

    [Fact]
    public async Task A_page_is_found_until_its_time_is_over()
    {
        Store(Page(), "one");
        Assert.Equal("one", await FindAsync());
        _time.Advance(TimeSpan.FromSeconds(59.9));
        Assert.Equal("one", await FindAsync());
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Null(await FindAsync());
    }

    [Theory]
    [InlineData(PurgeScope.Tag, "t")]
    [InlineData(PurgeScope.Url, "http://shop.test/a?x")]
    [InlineData(PurgeScope.Host, "shop.test")]
    [InlineData(PurgeScope.Prefix, "shop.test/a")]
    [InlineData(PurgeScope.Everything, "")]
    public async Task A_purge_of_whatever_selects_it_takes_it_away(PurgeScope scope, string value)
    {
        Store(Page(), "one");
        Purge(new PurgeSelector(scope, value));
        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task A_purge_of_something_else_leaves_it()
    {
        Store(Page(), "one");
        Purge(new PurgeSelector(PurgeScope.Tag, "other"));
        Assert.Equal("one", await FindAsync());
        Assert.Equal("one", await FindAsync());
    }

    [Fact]
    public async Task A_page_whose_request_began_before_a_purge_is_not_kept_however_late_it_comes()
    {
        var before = Page();
        Purge(new PurgeSelector(PurgeScope.Tag, "t"));
        Store(before, "old");
        Assert.Null(await FindAsync());
        Store(Page(), "new");
        Assert.Equal("new", await FindAsync());
    }

    [Fact]
    public async Task A_soft_purge_takes_it_away_too_there_is_nobody_to_validate_with()
    {
        Store(Page(), "one");
        _purges.Apply([new PurgeSelector(PurgeScope.Tag, "t")], PurgeMode.Soft, _time.GetTimestamp());
        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task Without_a_lease_nothing_is_served_and_with_one_again_it_is()
    {
        Store(Page(), "one");
        _lease.GiveUp();
        Assert.Null(await FindAsync());
        _lease.Extend(_time.GetTimestamp(), long.MaxValue);
        Assert.Equal("one", await FindAsync());
    }

    private PageKey Page() => new(new CacheKey("k"u8), _purges.Version, "http", "shop.test", "/A");

    private void Purge(PurgeSelector selector) => _purges.Apply([selector], PurgeMode.Hard, _time.GetTimestamp());

    private void Store(PageKey page, string text) =>
        _tiers.Store(page, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)), ["t"], TimeSpan.FromMinutes(1));

    private async Task<string?> FindAsync()
    {
        if (await _tiers.FindAsync(Page()) is not { } body)
            return null;
        var text = Encoding.UTF8.GetString(body.At(0));
        body.Release();
        return text;
    }
}
