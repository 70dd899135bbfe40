using DistCache.Proxy.Fills;
using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Fills;

/// <summary>V1, V3: at most two fills of a key, however many purges come while they run.</summary>
public sealed class OvertakenFillTests
{
    private const string Fresh = "Cache-Control: max-age=60";

    [Fact]
    public async Task One_that_is_slower_than_the_next_still_counts_when_that_has_ended()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        Gate slow = new(), third = new();
        edge.Origin.On("/a").Answer(
            new Script().Wait(slow).Then(Answers.Ok("one", Fresh)), Answers.Ok("two", Fresh), new Script().Wait(third).Then(Answers.Ok("three", Fresh)), Answers.Ok("four", Fresh));
        edge.Origin.Others.Answer(Answers.Ok("other", Fresh));
        var first = edge.GetAsync("/a");
        await slow.Reached;
        Purge(edge);
        Assert.Equal("two", (await edge.GetAsync("/a")).Text);
        await Eventually.TrueAsync(() => edge.Services.GetRequiredService<FillServices>().UnderWay == 1);
        Purge(edge);
        var next = edge.GetAsync("/a");
        await third.Reached;
        Purge(edge);
        var last = edge.GetAsync("/a"); // may have neither, and waits for one of them to end
        for (var i = 0; i < 50; i++)
            await edge.GetAsync($"/other/{i}");
        Assert.Equal(3, edge.Fetches("/a"));
        third.Open();
        Assert.Equal(("three", "four"), ((await next).Text, (await last).Text));
        slow.Open();
        Assert.Equal("one", (await first).Text);
        await Eventually.TrueAsync(() => edge.Services.GetRequiredService<FillServices>().UnderWay == 0);
        Assert.Equal("four", (await edge.GetAsync("/a")).Text);
    }

    private static void Purge(EdgeInProcess edge) =>
        edge.Services.GetRequiredService<PurgeIndex>().Apply([new(PurgeScope.Url, "http://test/a")], PurgeMode.Hard, edge.Time.GetTimestamp());
}
