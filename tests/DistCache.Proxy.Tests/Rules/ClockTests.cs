using System.Globalization;
using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>F15: the wall clock is set forwards or back while responses are stored, and while their fetches are under way.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData(90)]
    [InlineData(-90)]
    [InlineData(-100_000)]
    public async Task The_age_of_what_is_stored_does_not_follow_the_wall_clock(int skew) // RFC 9111 §4.2.3, rule 21
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("one", edge.Date, "Cache-Control: max-age=100"), Answers.Ok("two", "Cache-Control: max-age=100"));
        await edge.GetAsync("/a");
        edge.Time.Skew = TimeSpan.FromSeconds(skew);
        for (var age = 0; age < 100; age += 11)
        {
            var hit = await edge.GetAsync("/a");
            Assert.Equal(("one", age), (hit.Text, int.Parse(hit.Field("Age")!, CultureInfo.InvariantCulture)));
            edge.Time.Advance(TimeSpan.FromSeconds(11));
        }
        Assert.Equal("two", (await edge.GetAsync("/a")).Text);
    }

    [Theory]
    [InlineData(90)]
    [InlineData(-90)]
    public async Task A_step_while_a_fetch_is_under_way_makes_no_age_negative_or_too_high_by_more_than_the_step(int skew)
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var gate = new Gate();
        edge.Origin.On("/a").Answer(new Script().Wait(gate).Then(Answers.Ok("one", edge.Date, "Cache-Control: max-age=1000")));
        var asked = edge.GetAsync("/a");
        await gate.Reached;
        edge.Time.Skew = TimeSpan.FromSeconds(skew);
        gate.Open();
        await asked;
        edge.Time.Advance(TimeSpan.FromSeconds(10));
        var age = int.Parse((await edge.GetAsync("/a")).Field("Age")!, CultureInfo.InvariantCulture);
        Assert.InRange(age, 10, 10 + Math.Max(0, skew));
    }

    [Fact]
    public async Task Purges_are_ordered_by_position_whatever_the_wall_clock_says()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=600"), Answers.Ok("two", "Cache-Control: max-age=600"));
        await edge.GetAsync("/a");
        edge.Time.Skew = TimeSpan.FromSeconds(-90);
        await edge.RequestAsync("PURGE", "/a");
        Assert.Equal("two", (await edge.GetAsync("/a")).Text);
        edge.Time.Skew = TimeSpan.FromSeconds(90);
        Assert.Contains("; hit", (await edge.GetAsync("/a")).Field("Cache-Status"));
    }
}
