using System.Text.Json;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Passes;

/// <summary>A cluster that is polled long says so by its own time-out; the others keep the short one.</summary>
public class LongPollTests
{
    [Fact]
    public async Task A_poll_is_answered_long_after_the_first_byte_limit_where_its_cluster_allows_it_and_nowhere_else()
    {
        await using var origin = HandOrigin.Start();
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Configuration = Configuration(origin.Url) });
        await using var patient = await edge.ConnectAsync();
        await patient.SendAsync(Requests.Text("GET", "/poll"));
        var polled = await origin.AcceptAsync();
        await polled.ReadHeadAsync();

        // The other one's 504 is the clock: it comes when the limit is over.
        var start = TimeProvider.System.GetTimestamp();
        Assert.Equal(504, (await edge.GetAsync("/other")).Status);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(2.5));
        Assert.Equal(504, (await edge.GetAsync("/other")).Status);

        await polled.SendAsync(Answers.Ok("news", "Cache-Control: no-store"));
        Assert.Equal((200, "news"), await patient.ReadAnswerAsync() is var answer ? (answer.Status, answer.Text) : default);
    }

    private static string Configuration(Uri origin)
    {
        var destinations = new { d = new { Address = origin.ToString() } };
        return JsonSerializer.Serialize(new
        {
            DistCache = new { Origin = new { FirstByteTimeout = "1s" } },
            ReverseProxy = new
            {
                Routes = new
                {
                    poll = new { ClusterId = "patient", Match = new { Path = "/poll" } },
                    other = new { ClusterId = "usual", Match = new { Path = "/other" } },
                },
                Clusters = new
                {
                    patient = new { Destinations = destinations, HttpRequest = new { ActivityTimeout = (string?)"00:05:00" } },
                    usual = new { Destinations = destinations, HttpRequest = new { ActivityTimeout = (string?)null } },
                },
            },
        });
    }
}
