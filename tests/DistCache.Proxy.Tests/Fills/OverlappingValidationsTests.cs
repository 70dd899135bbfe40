using DistCache.Fleet.Logs;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;
using FleetNode = DistCache.Fleet.FleetNode;

namespace DistCache.Proxy.Tests.Fills;

/// <summary>Without a lease a node validates what it holds again and again, and two validations of a key may overlap (rule 6).</summary>
public sealed class OverlappingValidationsTests
{
    private static readonly string[] Fields = ["Cache-Control: max-age=600", "ETag: \"1\""];

    [Fact]
    public async Task One_that_begins_late_asks_about_what_another_has_put_in_that_place()
    {
        await using var edge = await StartFencedAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("page", Fields), Answers.Head("304 Not Modified", Fields), Answers.Head("304 Not Modified", Fields), Answers.Ok("again", Fields));
        await edge.GetAsync("/a");
        var services = edge.Services.GetRequiredService<FillServices>();
        var (start, late) = (services.Starts, new TaskCompletionSource<IThreadPoolWorkItem>());
        services.Starts = late.SetResult;
        var earlier = edge.GetAsync("/a");
        var fill = await late.Task;
        services.Starts = start;
        edge.Time.Advance(TimeSpan.FromSeconds(1)); // who comes now came after the other was looked up
        Assert.Equal("page", (await edge.GetAsync("/a")).Text);
        start(fill);
        Assert.Equal("page", (await earlier).Text);
        Assert.Equal(3, edge.Fetches("/a"));
        Assert.All(edge.Origin.Requests("/a").Skip(1), request => Assert.Equal("\"1\"", request.Field("If-None-Match")));
    }

    [Fact]
    public async Task The_earlier_confirms_what_it_asked_about_though_the_later_has_put_its_own_in_that_place()
    {
        await using var edge = await StartFencedAsync();
        var slow = new Gate();
        edge.Origin.On("/a").Answer(
            Answers.Ok("page", Fields), new Script().Wait(slow).Then(Answers.Head("304 Not Modified", Fields)), Answers.Head("304 Not Modified", Fields), Answers.Ok("again", Fields));
        await edge.GetAsync("/a");
        var earlier = edge.GetAsync("/a");
        await slow.Reached;
        edge.Time.Advance(TimeSpan.FromSeconds(1)); // who comes now came after the other had begun
        Assert.Equal("page", (await edge.GetAsync("/a")).Text);
        slow.Open();
        Assert.Equal("page", (await earlier).Text);
        Assert.Equal(3, edge.Fetches("/a"));
    }

    private static Task<EdgeInProcess> StartFencedAsync() => EdgeInProcess.StartAsync(configure: services => services.AddSingleton(provider => new FleetNode(
        new FleetLog(provider.GetRequiredService<TimeProvider>()), null, provider.GetRequiredService<PurgeIndex>(),
        new() { Node = "fenced", Run = 1, Lease = new(TimeSpan.FromSeconds(30)) }, provider.GetRequiredService<TimeProvider>())));

    private sealed class FleetLog(TimeProvider time) : MemoryPurgeLog(time)
    {
        public override bool IsLocal => false;
    }
}
