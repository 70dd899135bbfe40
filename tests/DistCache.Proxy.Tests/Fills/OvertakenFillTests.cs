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

    [Fact]
    public async Task Who_waits_for_one_of_two_waits_no_longer_when_both_turn_out_to_be_their_leaders_alone_and_without_end()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        Gate one = new(), two = new(), never = new();
        var events = Answers.Head("200 OK", "Cache-Control: no-store", "Content-Type: text/plain", "Transfer-Encoding: chunked");
        edge.Origin.On("/a").Answer(
            new Script().Wait(one).Then(events).Then("1\r\nx\r\n").Wait(never), new Script().Wait(two).Then(events).Then("1\r\nx\r\n").Wait(never), Answers.Ok("passed", "Cache-Control: no-store"));
        edge.Origin.Others.Answer(Answers.Ok("other", Fresh));
        await using var first = await edge.ConnectAsync();
        await first.SendAsync(TestKit.Requests.Text("GET", "/a"));
        await one.Reached;
        Purge(edge);
        await using var second = await edge.ConnectAsync();
        await second.SendAsync(TestKit.Requests.Text("GET", "/a"));
        await two.Reached;
        Purge(edge);
        var third = edge.GetAsync("/a");
        for (var i = 0; i < 50; i++)
            await edge.GetAsync($"/other/{i}");
        Assert.Equal(2, edge.Fetches("/a"));
        one.Open();
        await first.ReadHeadAsync();
        two.Open();
        await second.ReadHeadAsync();
        Assert.Equal("passed", (await third).Text);
        never.Open();
    }

    private static void Purge(EdgeInProcess edge) =>
        edge.Services.GetRequiredService<PurgeIndex>().Apply([new(PurgeScope.Url, "http://test/a")], PurgeMode.Hard, edge.Time.GetTimestamp());
}
