using CsCheck;
using DistCache.Storage.Purging;

namespace DistCache.Storage.Tests.Purging;

public sealed class PurgeIndexTests
{
    private static readonly PurgeIdentity Page = PurgeIdentity.Of("https", "shop.example", "/a/b?c=1", ["red", "blue"]);

    [Theory]
    [InlineData(PurgeScope.Url, "https://shop.example/a/b?c=1", true)]
    [InlineData(PurgeScope.Url, "http://shop.example/a/b?c=1", false)]
    [InlineData(PurgeScope.Url, "https://shop.example/a/b", false)]
    [InlineData(PurgeScope.Tag, "red", true)]
    [InlineData(PurgeScope.Tag, "Red", false)]
    [InlineData(PurgeScope.Tag, "re", false)]
    [InlineData(PurgeScope.Prefix, "shop.example/a/", true)]
    [InlineData(PurgeScope.Prefix, "shop.example/a/b?c", true)]
    [InlineData(PurgeScope.Prefix, "https://shop.example/", true)]
    [InlineData(PurgeScope.Prefix, "http://shop.example/", false)]
    [InlineData(PurgeScope.Prefix, "shop.example/b", false)]
    [InlineData(PurgeScope.Host, "shop.example", true)]
    [InlineData(PurgeScope.Host, "example", false)]
    [InlineData(PurgeScope.Everything, "", true)]
    public void A_purge_selects_what_its_selector_names_and_nothing_else(PurgeScope scope, string value, bool selects)
    {
        var index = new PurgeIndex();
        index.Apply([new(scope, value)], PurgeMode.Hard, at: 1);
        Assert.Equal(selects ? PurgeVerdict.Dead : PurgeVerdict.Valid, index.Judge(Page, asOf: 0, out _));
    }

    [Fact]
    public void What_is_as_of_the_purge_or_later_is_untouched()
    {
        var index = new PurgeIndex();
        var position = index.Apply([new(PurgeScope.Tag, "red")], PurgeMode.Hard, at: 1);
        Assert.Equal(PurgeVerdict.Dead, index.Judge(Page, position - 1, out _));
        Assert.Equal(PurgeVerdict.Valid, index.Judge(Page, position, out _));
    }

    [Fact]
    public void A_soft_purge_after_a_hard_one_does_not_hide_it() // V9 of the purge protocol
    {
        var index = new PurgeIndex();
        index.Apply([new(PurgeScope.Tag, "red")], PurgeMode.Hard, at: 1);
        index.Apply([new(PurgeScope.Tag, "red")], PurgeMode.Soft, at: 2);
        Assert.Equal(PurgeVerdict.Dead, index.Judge(Page, asOf: 0, out _));
        Assert.Equal(PurgeVerdict.Stale, index.Judge(Page, asOf: 1, out var softAt));
        Assert.Equal(2, softAt);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 10)] // which of the two before the last reached it is not known any more: the earliest time counts
    [InlineData(2, 30)]
    public void Of_several_soft_purges_the_first_that_reached_a_response_gives_the_time(long asOf, long expected)
    {
        var index = new PurgeIndex();
        foreach (var at in (long[])[10, 20, 30])
            index.Apply([new(PurgeScope.Tag, "red")], PurgeMode.Soft, at);
        Assert.Equal(PurgeVerdict.Stale, index.Judge(Page, asOf, out var softAt));
        Assert.Equal(expected, softAt);
    }

    [Fact]
    public void A_response_with_more_tags_than_are_kept_is_selected_by_every_tag_purge() // V17
    {
        var index = new PurgeIndex();
        index.Apply([new(PurgeScope.Tag, "unrelated")], PurgeMode.Hard, at: 1);
        Assert.Equal(PurgeVerdict.Dead, index.Judge(Page with { Tags = null }, asOf: 0, out _));
        Assert.Equal(PurgeVerdict.Valid, index.Judge(Page, asOf: 0, out _));
    }

    [Fact]
    public void What_was_folded_away_still_purges() // L7: bounded, and it may only purge too much
    {
        var index = new PurgeIndex(mostSelectors: 10, mostPrefixes: 3);
        index.Apply([new(PurgeScope.Tag, "red")], PurgeMode.Hard, at: 1);
        index.Apply([new(PurgeScope.Prefix, "shop.example/a")], PurgeMode.Hard, at: 1);
        for (var i = 0; i < 100; i++)
        {
            index.Apply([new(PurgeScope.Tag, "t" + i)], PurgeMode.Hard, at: 1);
            index.Apply([new(PurgeScope.Prefix, "other.example/" + i)], PurgeMode.Hard, at: 1);
        }
        Assert.Equal(PurgeVerdict.Dead, index.Judge(Page, asOf: 0, out _));
        Assert.Equal(PurgeVerdict.Dead, index.Judge(Page, asOf: 1, out _));
        Assert.Equal(PurgeVerdict.Valid, index.Judge(Page, index.Version, out _));
    }

    [Fact]
    public void It_never_spares_what_a_plain_list_of_purges_selects_however_small_its_bounds()
    {
        var tags = Any("red", "blue", "green", "t1", "t2");
        var selector = Gen.OneOf(
            tags.Select(tag => new PurgeSelector(PurgeScope.Tag, tag)),
            Any("/a/b?c=1", "/x").Select(path => new PurgeSelector(PurgeScope.Url, "https://shop.example" + path)),
            Any("shop.example/a", "shop.example/x", "z").Select(prefix => new PurgeSelector(PurgeScope.Prefix, prefix)),
            Any("shop.example", "other").Select(host => new PurgeSelector(PurgeScope.Host, host)));
        var purge = Gen.Select(selector, Any(PurgeMode.Hard, PurgeMode.Soft));
        Gen.Select(purge.Array[1, 20], Gen.Int[0, 20], Gen.Int[1, 4]).Sample((purges, asOf, bound) =>
        {
            var index = new PurgeIndex(bound, bound);
            foreach (var (what, mode) in purges)
                index.Apply([what], mode, at: 1);
            var verdict = index.Judge(Page, asOf, out _);
            var later = purges.Skip(asOf).Where(one => Selects(one.Item1)).ToArray();
            if (later.Any(one => one.Item2 is PurgeMode.Hard))
                Assert.Equal(PurgeVerdict.Dead, verdict);
            else if (later.Length > 0)
                Assert.NotEqual(PurgeVerdict.Valid, verdict);
        }, iter: 2_000);
    }

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static bool Selects(PurgeSelector selector) => selector.Scope switch
    {
        PurgeScope.Tag => Page.Tags!.Contains(selector.Value),
        PurgeScope.Url => Page.Url == selector.Value,
        PurgeScope.Host => Page.Host.SequenceEqual(selector.Value),
        PurgeScope.Prefix => Page.Url[8..].StartsWith(selector.Value, StringComparison.Ordinal),
        _ => true,
    };

    [Fact]
    public async Task Whoever_judges_while_a_prefix_is_folded_finds_it_in_one_place_or_the_other()
    {
        var cancel = TestContext.Current.CancellationToken;
        var identity = PurgeIdentity.Of("http", "test", "/p/a", []);
        var (index, purged, missed, isOver) = (new PurgeIndex(1000, 1), 0L, 0, false);
        var judges = Enumerable.Range(0, 2).Select(_ => Task.Run(
            () =>
            {
                while (!Volatile.Read(ref isOver))
                {
                    var asOf = Volatile.Read(ref purged) - 1;
                    if (asOf >= 0 && index.Judge(identity, asOf, out long _) is not PurgeVerdict.Dead)
                        Interlocked.Increment(ref missed);
                }
            },
            cancel)).ToArray();
        for (var i = 0; i < 100_000; i++)
        {
            Volatile.Write(ref purged, index.Apply([new(PurgeScope.Prefix, "test/p/")], PurgeMode.Hard, 0));
            index.Apply([new(PurgeScope.Prefix, "test/q/")], PurgeMode.Hard, 0); // only one prefix has a place of its own
        }
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(judges);
        Assert.Equal(0, missed);
    }
}
