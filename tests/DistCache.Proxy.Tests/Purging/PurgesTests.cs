using System.Text;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Tests.Kit;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Purging;

/// <summary>What the purge API stands on: selectors as people write them, counting, and the memory of purges.</summary>
public sealed class PurgesTests
{
    private const string Cacheable = "Cache-Control: max-age=60";

    [Theory]
    [InlineData("https://Shop.Example:443/a/../b%7e?x=%2f", "url:http://shop.example/b~?x=%2f url:https://shop.example/b~?x=%2f")]
    [InlineData("http://shop.example", "url:http://shop.example/ url:https://shop.example/")]
    [InlineData("http://shop.example:8080/a?", "url:http://shop.example:8080/a url:https://shop.example:8080/a")]
    [InlineData("/a", null)]
    [InlineData("shop.example/a", null)]
    [InlineData("http://shop.example/%zz", null)]
    [InlineData("http://shop.example/a#b", null)]
    [InlineData("http://user@shop.example/", null)]
    [InlineData("ftp://shop.example/", null)]
    public async Task A_url_is_canonical_and_means_both_schemes(string url, string? selectors)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        Assert.Equal(selectors, Text(PurgesOf(edge).ReadUrl(url)));
    }

    [Theory]
    [InlineData("shop.example/img/", "prefix:shop.example/img/")]
    [InlineData("https://Shop.Example/img", "prefix:https://shop.example/img")]
    [InlineData("shop.example/", "prefix:shop.example/")]
    [InlineData("shop.example", null)] // would be shop.example.org's, too
    [InlineData("https://shop.example", null)]
    [InlineData("shop.example/%z", null)]
    [InlineData("", null)]
    public void A_prefix_has_host_and_path(string prefix, string? selectors) => Assert.Equal(selectors, Text(Purges.ReadPrefix(prefix)));

    [Theory]
    [InlineData("Shop.Example.", "host:shop.example")]
    [InlineData("shop.example:80", "host:shop.example host:shop.example:80")]
    [InlineData("[::1]:8080", "host:[::1]:8080")]
    [InlineData("http://shop.example", null)]
    [InlineData("shop.example/", null)]
    [InlineData("", null)]
    public void A_host_is_canonical(string host, string? selectors) => Assert.Equal(selectors, Text(Purges.ReadHost(host)));

    [Theory] // A27: tags and query strings may name people, and more people read logs than may purge
    [InlineData(PurgeScope.Tag, "user-17", "tag:#fc1c6a71863ce5e7")]
    [InlineData(PurgeScope.Url, "http://shop.example/a?token=secret", "url:http://shop.example/a?...")]
    [InlineData(PurgeScope.Prefix, "shop.example/img/", "prefix:shop.example/img/")]
    [InlineData(PurgeScope.Host, "shop.example", "host:shop.example")]
    [InlineData(PurgeScope.Everything, "", "everything")]
    public void The_log_names_no_tag_and_no_query(PurgeScope scope, string value, string text) =>
        Assert.Equal(text, PurgeReceipt.LogText(new(scope, value)));

    [Fact]
    public async Task A_url_is_purged_and_written_to_in_every_spelling_that_the_policies_give_it()
    {
        await using var edge = await EdgeInProcess.StartAsync(more: new Dictionary<string, string?>
        {
            ["DistCache:Policies:default:Key:Query:Ignore:0"] = "@tracking",
            ["DistCache:Policies:default:Key:Query:Sort"] = "true",
        });
        edge.Origin.Others.Answer(request => request.Method == "GET" ? Answers.Ok("x", edge.Date, Cacheable) : Answers.Ok("written", edge.Date));
        foreach (var forget in new Func<Task>[]
        {
            () => PurgesOf(edge).ApplyAsync(PurgesOf(edge).ReadUrl("http://test/a?b=1&utm_source=m&a=2")!, PurgeMode.Hard, "test").AsTask(),
            () => edge.RequestAsync("DELETE", "/a?b=1&utm_source=m&a=2"),
        })
        {
            await edge.GetAsync("/a?a=2&b=1");
            Assert.Contains("; hit", (await edge.GetAsync("/a?b=1&a=2&gclid=7")).Field("Cache-Status"), StringComparison.Ordinal);
            await forget();
            Assert.Contains("fwd=uri-miss", (await edge.GetAsync("/a?a=2&b=1")).Field("Cache-Status"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_trial_counts_what_is_stored_and_purges_nothing()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("0123456789", edge.Date, Cacheable, "Surrogate-Key: a", "Vary: X-A"));
        foreach (var (target, field) in new[] { ("/x", "X-A: 1"), ("/x", "X-A: 2"), ("/y", "X-A: 1") })
            await edge.GetAsync(target, field);
        var purges = PurgesOf(edge);
        Assert.Equal(new PurgeMatches(2, 20), purges.Count(purges.ReadUrl("http://test/x")!));
        Assert.Equal(new PurgeMatches(3, 30), purges.Count(Purges.ReadTag("a")!));
        Assert.Equal(default, purges.Count(Purges.ReadTag("b")!));
        Assert.Equal(0, purges.Position);
        Assert.Contains("; hit", (await edge.GetAsync("/x", "X-A: 1")).Field("Cache-Status"), StringComparison.Ordinal);
    }

    [Fact] // loadtests/tag-purge has a million, and a clock
    public async Task A_tag_purge_is_one_record_and_walks_through_nothing_however_many_carry_the_tag()
    {
        const int many = 20_000;
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.Others.Answer(Answers.Ok("x", edge.Date, Cacheable, "Surrogate-Key: many"));
        await edge.GetAsync("/page");
        Assert.Contains("; hit", (await edge.GetAsync("/page")).Field("Cache-Status"), StringComparison.Ordinal);
        Store("few", 20);
        foreach (var i in Enumerable.Range(0, 10))
            Allocated($"nobody-{i}"); // the first of all prepare code
        var few = Allocated("few"); // while there are no others
        Store("many", many);
        Assert.Equal(many + 1, PurgesOf(edge).Count(Purges.ReadTag("many")!).Responses);
        var (position, stored) = (PurgesOf(edge).Position, edge.Memory.Count);
        var of = Allocated("many");
        Assert.Equal(position + 1, PurgesOf(edge).Position);
        Assert.Equal(stored, edge.Memory.Count); // nothing was taken out: they are dead by comparison
        Assert.InRange(of, 0, few + many); // less than a byte for each
        Assert.Contains("fwd=uri-miss", (await edge.GetAsync("/page")).Field("Cache-Status"), StringComparison.Ordinal);

        // A log in memory answers at once, so all of it is this thread's.
        long Allocated(string tag)
        {
            var selectors = Purges.ReadTag(tag)!;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var purge = PurgesOf(edge).ApplyAsync(selectors, PurgeMode.Hard, "test");
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(purge.IsCompletedSuccessfully);
            return allocated;
        }

        void Store(string tag, int count)
        {
            for (var i = 0; i < count; i++)
                Assert.True(edge.Memory.Store(new()
                {
                    Key = new CacheKey(Encoding.ASCII.GetBytes($"{tag}/{i}")),
                    Variant = VariantKey.None,
                    Status = 200,
                    Fields = FieldList.Empty,
                    Reuse = new ReuseFacts { InitialAge = TimeSpan.Zero, Lifetime = TimeSpan.FromHours(1) },
                    Date = edge.Time.GetUtcNow(),
                    ReceivedAt = edge.Time.GetTimestamp(),
                    Identity = PurgeIdentity.Of("http", "test", $"/{tag}/{i}", [tag]),
                    AsOf = PurgesOf(edge).Position,
                    Body = Body.Of(edge.Memory.Pool, "x"u8.ToArray()),
                }));
        }
    }

    [Fact]
    public async Task The_last_purges_are_remembered_the_newest_first_those_of_the_data_port_too()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var purges = PurgesOf(edge);
        var first = await purges.ApplyAsync([PurgeSelector.Everything], PurgeMode.Soft, "somebody", TestContext.Current.CancellationToken);
        await edge.RequestAsync("PURGE", "/x");
        Assert.Equal(2, purges.Position);
        Assert.Equal([2, 1], purges.Latest(long.MaxValue, 10).Select(receipt => receipt.Position));
        Assert.Equal([1], purges.Latest(2, 10).Select(receipt => receipt.Position));
        Assert.Equal(first, purges.Find(1));
        Assert.Equal("127.0.0.1 (PURGE)", purges.Find(2)!.By);
        for (var i = 0; i < Purges.Most; i++)
            await purges.ApplyAsync(Purges.ReadTag("a")!, PurgeMode.Hard, "flood", TestContext.Current.CancellationToken);
        Assert.Null(purges.Find(2));
        Assert.Equal(Purges.Most, purges.Latest(long.MaxValue, int.MaxValue).Count);
    }

    private static Purges PurgesOf(EdgeInProcess edge) => edge.Services.GetRequiredService<Purges>();

    private static string? Text(IReadOnlyList<PurgeSelector>? selectors) => selectors is null ? null : string.Join(' ', selectors.Select(PurgeReceipt.Text));
}
