using DistCache.Fleet.Logs;
using DistCache.Proxy.Explaining;
using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;
using FleetNode = DistCache.Fleet.FleetNode;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Purging;

/// <summary>Rule 6 of the purge protocol: without a lease what a node holds is suspect, and answers only once the origin has confirmed it.</summary>
public sealed class FencedTests
{
    private const string Fresh = "Cache-Control: max-age=600, stale-while-revalidate=600, stale-if-error=600";

    [Fact]
    public async Task What_is_stored_answers_only_once_the_origin_has_confirmed_it()
    {
        await using var edge = await StartFencedAsync();
        edge.Origin.On("/a").Answer(request => request.Field("If-None-Match") is not null
            ? Answers.WithLength("304 Not Modified", [], edge.Date, "ETag: \"1\"", Fresh)
            : Answers.Ok("page", edge.Date, Fresh, "ETag: \"1\""));
        await edge.GetAsync("/a");
        for (var asked = 2; asked < 5; asked++)
        {
            var answer = await edge.GetAsync("/a");
            Assert.Equal("page", Latin1.Text(answer.Body));
            Assert.Contains("fwd=stale; fwd-status=304", answer.Field("Cache-Status"));
            Assert.Contains("detail=suspect", answer.Field("Cache-Status"));
            Assert.Equal(asked, edge.Fetches("/a"));
        }
        var (explanation, _) = await edge.Services.GetRequiredService<IExplainer>().ExplainAsync("http://test/a", "GET", [], "", false, TestContext.Current.CancellationToken);
        Assert.Equal("suspect", explanation!.Reason);
    }

    [Fact] // rule 11: suspect is not stale
    public async Task No_stale_window_lets_it_answer_when_the_origin_fails()
    {
        await using var edge = await StartFencedAsync("rfc9111");
        edge.Origin.On("/a").Answer(Answers.Ok("page", edge.Date, Fresh, "ETag: \"1\""));
        await edge.GetAsync("/a");
        edge.Origin.On("/a").Answer(Answers.WithLength("503 Service Unavailable", [], edge.Date));
        Assert.Equal(503, (await edge.GetAsync("/a")).Status);
        edge.Origin.On("/a").Answer(Script.CloseAtOnce());
        Assert.InRange((await edge.GetAsync("/a")).Status, 502, 504);
    }

    /// <summary>A member of a fleet that has not begun to beat: it holds no lease.</summary>
    private static Task<EdgeInProcess> StartFencedAsync(string preset = "safe") => EdgeInProcess.StartAsync(preset, configure: services =>
        services.AddSingleton(provider => new FleetNode(
            new FleetLog(provider.GetRequiredService<TimeProvider>()), null, provider.GetRequiredService<PurgeIndex>(),
            new() { Node = "fenced", Run = 1, Lease = new(TimeSpan.FromSeconds(30)) }, provider.GetRequiredService<TimeProvider>())));

    private sealed class FleetLog(TimeProvider time) : MemoryPurgeLog(time)
    {
        public override bool IsLocal => false;
    }
}
