using System.Text.Json;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Geo;

/// <summary>Clients of three countries and edges of three regions.</summary>
public class SteeringTests
{
    private const string Routes = """
        "steered": { "ClusterId": "c", "Match": { "Path": "/go/{**rest}" }, "OutputCachePolicy": "plain", "Metadata": { "DistCache.Geo.Steer": "true" } },
        "kept": { "ClusterId": "c", "Match": { "Path": "/stay/{**rest}" }, "OutputCachePolicy": "plain" }
        """;

    private const string Regions = """
        "Regions": {
          "eu-west": { "Latitude": 52.4, "Longitude": 4.9, "PublicAddress": "https://eu.example.net" },
          "us-east": { "Latitude": 39.0, "Longitude": -77.5, "PublicAddress": "https://us.example.net:8443" },
          "ap-south": { "Latitude": 19.1, "Longitude": 72.9, "PublicAddress": "https://ap.example.net" } }
        """;

    private const string Policies = """ "plain": { "Preset": "safe" } """;

    [Theory]
    [InlineData("eu-west", null, "https://us.example.net:8443", "https://ap.example.net")]
    [InlineData("us-east", "https://eu.example.net", null, "https://ap.example.net")]
    public async Task A_client_that_is_nearer_to_another_region_is_sent_there_and_what_is_not_to_be_steered_is_not(string region, string? german, string? american, string? indian)
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies, more: Regions, region: region);
        foreach (var (from, to) in new[] { (GeoEdge.German, german), (GeoEdge.American, american), (GeoEdge.Indian, indian), (GeoEdge.Nobody, null) })
        {
            for (var i = 0; i < 3; i++) // a stored answer changes nothing
            {
                var answer = await edge.GetAsync(from, "/go/a%2Fb?x=1&y");
                Assert.Equal((to is null ? 200 : 307, to is null ? null : $"{to}/go/a%2Fb?x=1&y&distcache-steered={region}"), (answer.Status, answer.Field("Location")));
                if (to is not null)
                    Assert.Equal("private, no-store", answer.Field("Cache-Control"));
            }
            Assert.Equal(200, (await edge.GetAsync(from, "/stay/a")).Status);
        }
        Assert.DoesNotContain(edge.Origin.Log.All, request => request.Target.Contains("steered", StringComparison.Ordinal));
        var metrics = await edge.AskAsync("/metrics");
        Assert.Matches("distcache_reasons_total\\{[^}]*reason=\"steered\"", metrics);
    }

    [Fact]
    public async Task Who_was_sent_here_is_not_sent_on_and_the_mark_is_neither_keyed_nor_forwarded()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies, more: Regions);
        var answer = await edge.GetAsync(GeoEdge.American, "/go/a?distcache-steered=us-east");
        Assert.Equal(200, answer.Status);
        var again = await edge.GetAsync(GeoEdge.American, "/go/a?x=1&distcache-steered=us-east&y=2");
        Assert.Equal(200, again.Status);
        Assert.Equal(["/go/a", "/go/a?x=1&y=2"], edge.Origin.Log.All.Select(request => request.Target));
        Assert.Contains("; hit", (await edge.GetAsync(GeoEdge.German, "/go/a")).Field("Cache-Status"));
        Assert.Equal(307, (await edge.GetAsync(GeoEdge.American, "/go/a?distcache-steeredx=1")).Status);
    }

    [Fact]
    public async Task A_region_that_is_taken_out_by_a_reload_is_sent_nobody()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies, more: Regions);
        Assert.Equal(307, (await edge.GetAsync(GeoEdge.American, "/go/a")).Status);
        await edge.PutConfigurationAsync(text => text.Replace("\"Longitude\": -77.5,", "\"Longitude\": -77.5, \"Available\": false,", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => (await edge.GetAsync(GeoEdge.American, "/go/a")).Status == 200);
        Assert.Equal(307, (await edge.GetAsync(GeoEdge.Indian, "/go/a")).Status);
    }

    [Fact]
    public async Task Nearest_and_steer_answer_with_the_regions_in_order_and_why()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies, more: Regions);
        var nearest = await edge.GetAsync(GeoEdge.Indian, "/.well-known/distcache/nearest?ip=127.0.1.1");
        Assert.Equal((200, "private, no-store"), (nearest.Status, nearest.Field("Cache-Control")));
        Check(nearest.Text, GeoEdge.Indian, "ap-south", "eu-west", "us-east");
        Check(await edge.AskAsync("/api/v1/steer?ip=127.0.2.1"), "127.0.2.1", "us-east", "eu-west", "ap-south");
        Check(await edge.AskAsync("/api/v1/steer?ip=2001:db8::1"), "2001:db8::1", "eu-west", "ap-south", "us-east"); // unknown: the own one first

        static void Check(string json, string address, params string[] order)
        {
            var answer = JsonDocument.Parse(json).RootElement;
            Assert.Equal((address, order[0]), (answer.GetProperty("address").GetString(), answer.GetProperty("chosen").GetString()));
            Assert.Equal(order, answer.GetProperty("regions").EnumerateArray().Select(region => region.GetProperty("name").GetString()));
            Assert.All(answer.GetProperty("regions").EnumerateArray(), region => Assert.NotEmpty(region.GetProperty("reason").GetString()!));
        }
    }

    [Fact]
    public async Task Without_regions_the_well_known_path_is_the_origins()
    {
        await using var edge = await GeoEdge.StartAsync(""" "all": { "ClusterId": "c", "Match": { "Path": "/{**rest}" } } """);
        Assert.Equal(200, (await edge.GetAsync(GeoEdge.German, "/.well-known/distcache/nearest")).Status);
        Assert.Single(edge.Origin.Requests("/.well-known/distcache/nearest"));
    }
}
