using DistCache.Proxy.Tests.Hops.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Shields;

/// <summary>
/// RFC 9112 §6.3, rule 50: a body that only the end of its connection ends may be the beginning of one. A node that sends it on in chunks would make a whole message of it, so what
/// it says of it is no answer to another node.
/// </summary>
public sealed class CloseDelimitedTests
{
    private static readonly byte[] Head = Answers.Head("200 OK", "Cache-Control: max-age=60");

    [Fact]
    public async Task What_ends_with_the_connection_at_the_shield_does_so_at_the_edge_and_is_not_stored_there()
    {
        var (tiers, _, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        tiers.Origin.On("/a").Answer(_ => Begun());
        for (var i = 0; i < 2; i++)
        {
            var answer = await edge.GetAsync("/a");
            Assert.Equal(("half of it", "close"), (answer.Text, answer.Field("Connection")));
            Assert.DoesNotContain("stored", answer.Field("Cache-Status"));
        }
        Assert.Equal(["1.1 us-1, 1.1 eu-1", "1.1 us-1", "1.1 us-1"], tiers.Origin.Requests("/a").Select(request => request.Field("Via")));
    }

    [Fact]
    public async Task Nor_where_the_shield_passes_it_because_it_knows_the_key_as_uncacheable()
    {
        var (tiers, shield, edge) = await Tiers.StartAsync();
        await using var _ = tiers;
        tiers.Origin.On("/a").Answer(_ => Begun());
        await shield.GetAsync("/a");
        Assert.Contains("detail=uncacheable-marker", (await shield.GetAsync("/a")).Field("Cache-Status"));
        var answer = await edge.GetAsync("/a");
        Assert.Equal(("half of it", "close"), (answer.Text, answer.Field("Connection")));
        Assert.DoesNotContain("stored", answer.Field("Cache-Status"));
        Assert.Equal(["1.1 eu-1", "1.1 eu-1", "1.1 us-1, 1.1 eu-1", "1.1 us-1"], tiers.Origin.Requests("/a").Select(request => request.Field("Via")));
    }

    [Fact]
    public async Task Nor_from_the_edge_that_keeps_the_key()
    {
        await using var tiers = new Tiers();
        (string, string?) partitioned = ("DistCache:Regions:eu:Partition", "true");
        Tier[] edges = [await tiers.StartAsync("eu", "eu-1", partitioned), await tiers.StartAsync("eu", "eu-2", partitioned)];
        await tiers.ReadyAsync();
        tiers.Origin.On("/a").Answer(_ => Begun());
        for (var i = 0; i < 4; i++) // from the third ask on a peer's answer is kept
            foreach (var edge in edges)
            {
                var answer = await edge.GetAsync("/a");
                Assert.Equal(("half of it", "close"), (answer.Text, answer.Field("Connection")));
                Assert.DoesNotContain("hit", answer.Field("Cache-Status"));
            }
    }

    private static Script Begun() => new Script().Then(Head).Then("half of it").Fin();
}
