using System.Diagnostics;
using System.Globalization;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>F1: the origin's process is gone, connections to it are refused; later it is back.</summary>
public class OriginDownTests
{
    private const int Targets = 50;
    private const int AgeAtArrival = 60;

    [Fact]
    public async Task F1_inside_the_window_all_is_stale_with_its_true_age_outside_502_at_once_and_fresh_again_when_the_origin_is_back()
    {
        var origin = ScriptOrigin.Start();
        var port = origin.Port;
        // Stale on arrival: its Age is its lifetime.
        origin.Others.Answer(Answers.Ok("one", $"Age: {AgeAtArrival}", $"Cache-Control: max-age={AgeAtArrival}, stale-if-error=600"));
        await using var edge = await EdgeProcess.StartAsync(origin.Url, preset: "safe");
        var since = Stopwatch.StartNew();
        for (var i = 0; i < Targets; i++)
            Assert.Equal("one", (await edge.GetAsync($"/{i}")).Text);

        await origin.DisposeAsync();
        for (var i = 0; i < Targets * 6; i++)
        {
            var stale = await edge.GetAsync($"/{i % Targets}");
            Assert.Equal((200, "one"), (stale.Status, stale.Text));
            Assert.Contains("detail=stale-if-error", stale.Field("Cache-Status"));
            var age = int.Parse(stale.Field("Age")!, CultureInfo.InvariantCulture);
            Assert.InRange(age, AgeAtArrival, AgeAtArrival + (int)since.Elapsed.TotalSeconds + 2);
        }

        for (var i = 0; i < 20; i++)
        {
            var asked = Stopwatch.StartNew();
            var refused = await edge.GetAsync($"/never-stored/{i}");
            Assert.Equal((502, "connection_refused"), (refused.Status, refused.Field("Proxy-Status")!.Split('=')[^1]));
            Assert.True(asked.Elapsed < TimeSpan.FromSeconds(1), $"502 after {asked.Elapsed}");
        }

        await using var back = ScriptOrigin.Start(port);
        back.Others.Answer(Answers.Ok("two", "Cache-Control: max-age=600"));
        var returned = Stopwatch.StartNew();
        while ((await edge.GetAsync("/0")).Text != "two")
            Assert.True(returned.Elapsed < TimeSpan.FromSeconds(5), "still stale 5 s after the origin came back");
        Assert.Equal("two", (await edge.GetAsync("/never-stored/0")).Text);
    }
}
