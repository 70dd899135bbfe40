using DistCache.Scenarios.Faults;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Geo;

/// <summary>P14: no bad database takes the edge down. Swapped, cut, overwritten in place and removed under load: no request fails, and no client gets another country's answer.</summary>
public class DatabaseTests
{
    private const string Routes = """ "keyed": { "ClusterId": "c", "Match": { "Path": "/{**rest}" }, "OutputCachePolicy": "keyed" } """;
    private const string Policies = """ "keyed": { "Key": { "Country": true } } """;

    [Fact]
    public async Task A_database_that_is_swapped_and_broken_under_load_fails_no_request()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies);
        await using var german = Load(edge, GeoEdge.German, "x-geo-country=DE");
        await using var american = Load(edge, GeoEdge.American, "x-geo-country=US");
        var whole = GeoEdge.Places.ToBytes();
        var random = new Random(14);
        var rounds = LongForm.Asked ? 200 : 8;
        for (var i = 0; i < rounds; i++)
        {
            // In place, as a careless copy does; the mapped file would shrink under the look-ups.
            await File.WriteAllBytesAsync(edge.Database, whole[..random.Next(1, whole.Length - 1)], TestContext.Current.CancellationToken);
            await edge.HealthAsync(health => health.StartsWith("yellow\ngeo: '", StringComparison.Ordinal));
            await MoreAsync();
            if (i % 2 == 0)
            {
                File.Delete(edge.Database);
                await edge.HealthAsync(health => health.Contains("is missing", StringComparison.Ordinal));
                await MoreAsync();
            }
            GeoEdge.Places.Replace(edge.Database);
            await edge.HealthAsync(health => health == "ok\n");
            await MoreAsync();
        }

        foreach (var load in new[] { german, american })
        {
            await load.StopAsync();
            Assert.Empty(load.Failures);
        }
        Assert.Matches("distcache_geo_database_last_load_successful\\{[^}]*database=\"place\"[^}]*\\} 1", await edge.AskAsync("/metrics"));
        Assert.Matches("distcache_geo_database_failures_total\\{[^}]*database=\"place\"[^}]*\\} 0", await edge.AskAsync("/metrics"));
        TestContext.Current.TestOutputHelper!.WriteLine($"{rounds} rounds, {german.Answered + american.Answered} requests, 0 failed");

        async Task MoreAsync()
        {
            await german.MoreAsync(20);
            await american.MoreAsync(20);
        }
    }

    [Fact]
    public async Task A_new_database_counts_for_connections_that_are_open()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies);
        await using var client = await edge.ConnectAsync(GeoEdge.German);
        Assert.Contains("x-geo-country=DE", (await client.GetAsync("/a")).Text);
        new MmdbWriter("GeoLite2-Country").Place("127.0.1.0/24", "AT", "EU", isInEuropeanUnion: true).Replace(edge.Database);
        await Eventually.TrueAsync(async () => (await client.GetAsync("/a")).Text.Contains("x-geo-country=AT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_edge_whose_database_is_missing_starts_says_so_and_takes_it_later()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies);
        File.Delete(edge.Database);
        await edge.HealthAsync(health => health.StartsWith("yellow\ngeo: ", StringComparison.Ordinal));
        await using var second = await EdgeProcess.StartAsync(new EdgeStart { Configuration = await File.ReadAllTextAsync(Path.Combine(edge.Process.Folder, "edge.json"), TestContext.Current.CancellationToken) });
        Assert.Contains("is missing", second.Process.Output);
        await using (var client = await RawClient.ConnectAsync(second.Port, from: GeoEdge.German))
            Assert.Equal((200, ""), await AskAsync(client));
        GeoEdge.Places.Replace(edge.Database);
        await using var later = await RawClient.ConnectAsync(second.Port, from: GeoEdge.German);
        await Eventually.TrueAsync(async () => (await AskAsync(later)).Text.Contains("DE", StringComparison.Ordinal));

        static async Task<(int, string Text)> AskAsync(RawClient client)
        {
            var answer = await client.GetAsync("/a");
            return (answer.Status, answer.Text);
        }
    }

    private static SteadyLoad Load(GeoEdge edge, string from, string told) => new(2, () => edge.ConnectAsync(from), (client, i) => i % 20 == 0 ? $"/{client}/{i}" : $"/{i % 10}",
        answer => answer is { Status: 200, EndedCleanly: true } && answer.Text.Contains(told, StringComparison.Ordinal));
}
