using DistCache.Proxy.Explaining;
using DistCache.Proxy.Tests.Kit;
using DistCache.Proxy.Tests.Shared;
using DistCache.Storage.Purging;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Explaining;

/// <summary>What explain says of the shared tier, and that a request then meets just that.</summary>
public sealed class SharedLookTests
{
    [Fact]
    public async Task What_another_edge_has_stored_is_a_hit_for_this_one_and_explain_takes_nothing()
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync());
        region.Origin.Others.Answer(Answers.Ok("0123456789", [a.Date, "Cache-Control: max-age=60", "Surrogate-Key: page"]));
        await a.GetAsync("/x");
        await region.WrittenAsync(a);
        region.Time.Advance(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 2; i++) // the second finds as much as the first: nothing was promoted
        {
            var explanation = await ExplainAsync(b, "/x");
            Assert.Equal((ExplainedDecision.Hit, "shared-tier", "fresh"), (explanation.Decision, explanation.Reason, explanation.Shared!.Answer));
            Assert.Equal((200, 10, 60, 10), (explanation.Shared.Copy!.Status, explanation.Shared.Copy.Age, explanation.Shared.Copy.Lifetime, explanation.Shared.Copy.Bytes));
            Assert.Null(explanation.Stored);
        }
        Assert.Contains("hit; ttl=50; detail=shared-tier", (await b.GetAsync("/x")).Field("Cache-Status"), StringComparison.Ordinal);
        Assert.Equal((ExplainedDecision.Hit, "fresh", null), ((await ExplainAsync(b, "/x")).Decision, (await ExplainAsync(b, "/x")).Reason, (await ExplainAsync(b, "/x")).Shared));
        Assert.Equal(1, region.Fetches("/x"));
    }

    [Fact]
    public async Task Why_it_does_not_answer_is_told()
    {
        await using var region = new Region();
        var (a, b) = (await region.StartEdgeAsync(), await region.StartEdgeAsync());
        region.Origin.Others.Answer(Answers.Ok("0123456789", [a.Date, "Cache-Control: max-age=60", "ETag: \"1\"", "Surrogate-Key: page"]));
        Assert.Equal("missing", (await ExplainAsync(b, "/x")).Shared!.Answer);
        Assert.Equal("not-asked", (await ExplainAsync(b, "/x", "HEAD")).Shared!.Answer);
        await a.GetAsync("/x");
        await region.WrittenAsync(a);
        region.Time.Advance(TimeSpan.FromSeconds(61));
        var stale = await ExplainAsync(b, "/x");
        Assert.Equal((ExplainedDecision.Fetch, "uri-miss", "stale", -1), (stale.Decision, stale.Reason, stale.Shared!.Answer, stale.Shared.Copy!.Ttl));
        region.Purge(PurgeMode.Hard, new PurgeSelector(PurgeScope.Tag, "page"));
        Assert.Equal("unusable", (await ExplainAsync(b, "/x")).Shared!.Answer);
        Assert.Equal(1, region.Fetches("/x"));
    }

    [Fact]
    public async Task Without_a_shared_tier_nothing_is_said_of_it()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        Assert.Null((await ExplainAsync(edge, "/x")).Shared);
    }

    private static async Task<Explanation> ExplainAsync(EdgeInProcess edge, string target, string method = "GET") =>
        (await edge.Services.GetRequiredService<IExplainer>().ExplainAsync("http://test" + target, method, [], client: "", asksOrigin: false, TestContext.Current.CancellationToken)).Explanation!;
}
