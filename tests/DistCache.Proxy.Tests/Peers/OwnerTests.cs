using System.Globalization;
using System.Text;
using DistCache.Fleet.Members;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Peers;
using DistCache.Storage.Keys;

namespace DistCache.Proxy.Tests.Peers;

/// <summary>Which edge keeps a key, by the hash that is used.</summary>
public sealed class OwnerTests
{
    private const int Keys = 20_000;

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(12)]
    public void Each_edge_keeps_about_its_share(int nodes)
    {
        var shares = Owners(Rows(nodes)).CountBy(owner => owner).Select(pair => (double)pair.Value / Keys).ToArray();
        Assert.Equal(nodes, shares.Length);
        Assert.All(shares, share => Assert.InRange(share * nodes, 0.9, 1.1));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(12)]
    public void An_edge_that_goes_gives_up_its_keys_and_no_other_key_moves(int nodes)
    {
        var rows = Rows(nodes);
        var gone = rows[nodes / 2].Node;
        var (before, after) = (Owners(rows), Owners([.. rows.Where(row => row.Node != gone)]));
        var moved = before.Zip(after).Where(pair => pair.First != pair.Second).ToArray();
        Assert.All(moved, pair => Assert.Equal(gone, pair.First));
        Assert.InRange((double)moved.Length / Keys * nodes, 0.9, 1.1); // 1/n
        if (nodes > 2)
            Assert.Equal(nodes - 1, moved.Select(pair => pair.Second).Distinct().Count()); // to all of the others
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(12)]
    public void An_edge_that_comes_takes_its_share_from_all_and_no_other_key_moves(int nodes)
    {
        var rows = Rows(nodes + 1);
        var added = rows[^1].Node;
        var moved = Owners(rows[..^1]).Zip(Owners(rows)).Where(pair => pair.First != pair.Second).ToArray();
        Assert.All(moved, pair => Assert.Equal(added, pair.Second));
        Assert.InRange((double)moved.Length / Keys * (nodes + 1), 0.9, 1.1);
    }

    [Fact]
    public void An_edge_that_does_more_than_a_quarter_above_the_mean_is_passed_over_and_only_it()
    {
        var rows = Rows(4);
        var calm = Owners(rows);
        MemberRow[] busy = [rows[0] with { Load = 0.9 }, .. rows[1..].Select(row => row with { Load = 0.5 })]; // mean 0.6, bound 0.8
        var bounded = Owners(busy);
        Assert.DoesNotContain(rows[0].Node, bounded);
        Assert.All(calm.Zip(bounded).Where(pair => pair.First != rows[0].Node), pair => Assert.Equal(pair.First, pair.Second));
        MemberRow[] alike = [rows[0] with { Load = 0.7 }, .. rows[1..].Select(row => row with { Load = 0.6 })];
        Assert.Equal(calm, Owners(alike));
        Assert.Equal(calm, Owners([rows[0] with { Load = 0.04 }, .. rows[1..]])); // a few fills among none are no load
    }

    [Fact]
    public void Who_has_no_lease_is_asked_after_all_who_have_one_however_busy_they_are()
    {
        var rows = Rows(4);
        var calm = Owners(rows);
        MemberRow[] fenced = [rows[0] with { HoldsLease = false }, rows[1] with { Load = 1 }, .. rows[2..]];
        for (var i = 0; i < 100; i++)
            Assert.Equal([rows[1].Node, rows[0].Node], FleetNodes.Order(fenced, Key(i)).Skip(2).Select(row => row.Node));
        Assert.Contains(rows[0].Node, calm);
        Assert.Equal(4, FleetNodes.Order([.. rows.Select(row => row with { HoldsLease = false })], Key(0)).Count()); // better than nobody: it validates
    }

    [Fact]
    public void A_key_is_hot_from_its_third_ask_on_and_forgotten_when_others_are_asked_for()
    {
        var counts = new AskCounts();
        var key = Key(0);
        Assert.Equal([1, 2, 3], new[] { counts.Add(key), counts.Add(key), counts.Add(key) });
        Assert.Equal(3, AskCounts.Hot);
        for (var i = 0; i < 3_000_000 && counts.Add(Key(i + 1)) > 0; i++)
        {
        }
        Assert.InRange(counts.Add(key), 1, 60); // shared with others, halved again and again: never without bound
    }

    private static string[] Owners(MemberRow[] rows) => [.. Enumerable.Range(0, Keys).Select(i => FleetNodes.Order(rows, Key(i)).First().Node)];

    private static CacheKey Key(int i) => new(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/page/{i}")));

    private static MemberRow[] Rows(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new MemberRow { Node = $"ams-{i}", Run = (ulong)i, HoldsLease = true, Lease = TimeSpan.FromSeconds(30) })];
}
