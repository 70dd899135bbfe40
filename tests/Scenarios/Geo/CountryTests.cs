using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Geo;

/// <summary>Real connections from several loopback addresses, each of another country.</summary>
public class CountryTests
{
    private const string Routes = """
        "keyed": { "ClusterId": "c", "Match": { "Path": "/keyed/{**rest}" }, "OutputCachePolicy": "keyed" },
        "grouped": { "ClusterId": "c", "Match": { "Path": "/grouped/{**rest}" }, "OutputCachePolicy": "grouped" },
        "plain": { "ClusterId": "c", "Match": { "Path": "/plain/{**rest}" }, "OutputCachePolicy": "plain" },
        "passed": { "ClusterId": "c", "Match": { "Path": "/passed/{**rest}" } },
        "us": { "ClusterId": "c", "Order": 1, "Match": { "Path": "/by/{**rest}", "Headers": [ { "Name": "X-Geo-Country", "Values": [ "US" ] } ] }, "Transforms": [ { "PathSet": "/for-us" } ] },
        "rest": { "ClusterId": "c", "Order": 2, "Match": { "Path": "/by/{**rest}" }, "Transforms": [ { "PathSet": "/for-all" } ] }
        """;

    private const string Policies = """
        "keyed": { "Key": { "Country": true } }, "grouped": { "Key": { "Country": [ "EU", "IN" ] } }, "plain": { "Preset": "safe" }
        """;

    private static readonly string[] Countries = [GeoEdge.German, GeoEdge.American, GeoEdge.Indian, GeoEdge.Nobody];

    private static readonly string[] Forged =
    [
        "X-Geo-Country: FR", "x-geo-country: FR", "X-Geo-City: Paris", "X-Geo-Group: FR", "X-Geo-ASN: 1", "X-Geo-EU: true", "CF-IPCountry: FR", "CloudFront-Viewer-Country: FR",
        "X-Country-Code: FR", "X_Geo_Country: FR", "X-Forwarded-For: 203.0.113.7", "Forwarded: for=203.0.113.7", "X-Real-IP: 203.0.113.7", "True-Client-IP: 203.0.113.7", "My-Country: FR",
    ];

    [Fact]
    public async Task Three_countries_get_their_own_variants_and_never_anothers()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies);
        var expected = new Dictionary<string, string>
        {
            [GeoEdge.German] = "x-geo-continent=EU x-geo-country=DE x-geo-eu=true",
            [GeoEdge.American] = "x-geo-continent=NA x-geo-country=US x-geo-eu=false",
            [GeoEdge.Indian] = "x-geo-continent=AS x-geo-country=IN x-geo-eu=false",
            [GeoEdge.Nobody] = "",
        };
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var from = Countries[random.Next(Countries.Length)];
            var answer = await edge.GetAsync(from, $"/keyed/{random.Next(3)}");
            Assert.Equal((200, expected[from]), (answer.Status, answer.Text));
        }
        Assert.Equal(12, edge.Origin.Log.All.Count);
        Assert.Contains("; hit", (await edge.GetAsync(GeoEdge.German, "/keyed/0")).Field("Cache-Status"));
        Assert.Contains("; hit", (await edge.GetAsync("127.0.1.77", "/keyed/0")).Field("Cache-Status")); // another German
    }

    [Fact]
    public async Task Country_variants_are_never_mixed_under_load_on_kept_connections()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies);
        var clients = Countries.Select(async from =>
        {
            await using var client = await edge.ConnectAsync(from);
            var bodies = new HashSet<string>();
            for (var i = 0; i < 300; i++)
                bodies.Add((await client.GetAsync($"/keyed/{i % 7}")).Text);
            return Assert.Single(bodies);
        }).ToArray();
        Assert.Equal(4, (await Task.WhenAll(clients)).Distinct().Count());
    }

    [Fact]
    public async Task Groups_make_one_variant_each_and_the_origin_learns_no_more()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies);
        Assert.Equal("x-geo-group=EU", (await edge.GetAsync(GeoEdge.German, "/grouped/a")).Text);
        Assert.Equal("x-geo-group=other", (await edge.GetAsync(GeoEdge.American, "/grouped/a")).Text);
        Assert.Equal("x-geo-group=IN", (await edge.GetAsync(GeoEdge.Indian, "/grouped/a")).Text);
        var nobody = await edge.GetAsync(GeoEdge.Nobody, "/grouped/a");
        Assert.Equal("x-geo-group=other", nobody.Text);
        Assert.Contains("; hit", nobody.Field("Cache-Status"));
        Assert.Equal(3, edge.Origin.Log.All.Count);
    }

    [Fact]
    public async Task An_origin_whose_answers_everybody_gets_is_told_no_place_and_one_of_passes_all_of_it()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies);
        Assert.Equal("", (await edge.GetAsync(GeoEdge.German, "/plain/a")).Text);
        // No byte of an empty body could be held back until it is stored.
        await Eventually.TrueAsync(async () => (await edge.GetAsync(GeoEdge.American, "/plain/a")).IsHit());
        Assert.Single(edge.Origin.Requests("/plain/a"));
        Assert.Equal(
            "x-geo-asn=64502 x-geo-city=New York x-geo-continent=NA x-geo-country=US x-geo-eu=false x-geo-latitude=40.7 x-geo-longitude=-74 x-geo-region=NY",
            (await edge.GetAsync(GeoEdge.American, "/passed/a")).Text);
        Assert.Equal("", (await edge.GetAsync(GeoEdge.Nobody, "/passed/a")).Text);
    }

    [Fact]
    public async Task Forged_fields_are_ignored_and_never_reach_the_origin()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, "\"Headers\": { \"Country\": [ \"X-Geo-Country\", \"My-Country\" ] }", Policies);
        foreach (var path in new[] { "/keyed/f", "/grouped/f", "/plain/f", "/passed/f" })
        {
            var honest = await edge.GetAsync(GeoEdge.American, path);
            foreach (var line in Forged)
                Assert.Equal(honest.Text, (await edge.GetAsync(GeoEdge.American, path, line)).Text);
            Assert.Equal(honest.Text, (await edge.GetAsync(GeoEdge.American, path, Forged)).Text);
        }
        Assert.DoesNotContain(edge.Origin.Log.All, request => request.Text.Contains("FR\r\n", StringComparison.Ordinal) || request.Text.Contains("Paris", StringComparison.Ordinal));
        Assert.Contains("my-country=US", (await edge.GetAsync(GeoEdge.American, "/passed/f")).Text);
    }

    [Fact]
    public async Task A_route_is_chosen_by_country_and_a_client_cannot_choose_it()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies);
        await edge.GetAsync(GeoEdge.American, "/by/a");
        await edge.GetAsync(GeoEdge.German, "/by/a", "X-Geo-Country: US");
        Assert.Equal(["/for-us", "/for-all"], edge.Origin.Log.All.Select(request => request.Target));
    }

    [Fact]
    public async Task Rules_of_a_route_allow_and_block_by_country_group_and_network()
    {
        const string Rules = """
            "allow": { "ClusterId": "c", "Match": { "Path": "/allow/{**rest}" }, "OutputCachePolicy": "plain", "Metadata": { "DistCache.Geo.Allow": "EU, AS64502" } },
            "block": { "ClusterId": "c", "Match": { "Path": "/block/{**rest}" }, "OutputCachePolicy": "plain", "Metadata": { "DistCache.Geo.Block": "Asia, private", "DistCache.Geo.Status": "451" } }
            """;
        await using var edge = await GeoEdge.StartAsync(Rules, policies: Policies);
        for (var round = 0; round < 3; round++) // what is stored is asked for in the same bytes
        {
            Assert.Equal("200 200 403 403", await StatusesAsync("/allow/a"));
            Assert.Equal("200 200 451 451", await StatusesAsync("/block/a"));
        }
        var refused = await edge.GetAsync(GeoEdge.Indian, "/block/a");
        Assert.Contains("; detail=geo-blocked", refused.Field("Cache-Status"));
        Assert.Equal("no-store", refused.Field("Cache-Control"));
        Assert.Equal(2, edge.Origin.Log.All.Count);
        Assert.Matches("distcache_requests_total\\{[^}]*cache_status=\"refused\"", await edge.AskAsync("/metrics"));

        async Task<string> StatusesAsync(string target)
        {
            var statuses = new List<int>();
            foreach (var from in Countries)
                statuses.Add((await edge.GetAsync(from, target)).Status);
            return string.Join(' ', statuses);
        }
    }

    [Fact]
    public async Task Private_and_unknown_addresses_have_a_country_of_their_own_when_one_is_written()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, "\"Private\": \"CH\"", Policies);
        Assert.Equal("x-geo-continent=EU x-geo-country=CH x-geo-eu=false", (await edge.GetAsync(GeoEdge.Nobody, "/keyed/a")).Text);
        Assert.Contains("x-geo-country=DE", (await edge.GetAsync(GeoEdge.German, "/keyed/a")).Text);
        await edge.PutConfigurationAsync(text => text.Replace("\"CH\"", "\"AT\"", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => (await edge.GetAsync(GeoEdge.Nobody, "/keyed/a")).Text == "x-geo-continent=EU x-geo-country=AT x-geo-eu=true");
    }

    [Fact]
    public async Task Requests_are_counted_and_logged_by_country_plain_hits_too()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, policies: Policies);
        foreach (var from in new[] { GeoEdge.German, GeoEdge.American })
        {
            await using var client = await edge.ConnectAsync(from);
            for (var i = 0; i < 25; i++)
                Assert.Equal(200, (await client.GetAsync("/plain/a")).Status);
        }
        var metrics = "";
        await Eventually.TrueAsync(async () =>
        {
            metrics = await edge.AskAsync("/metrics");
            return Has("DE") && Has("US");
        }, () => metrics);

        bool Has(string country) => metrics.Split('\n').Any(line => line.StartsWith("distcache_geo_requests_total{", StringComparison.Ordinal) && line.Contains($"country=\"{country}\"") && line.Contains("} 25"));
    }

    [Fact]
    public async Task The_access_log_names_country_and_network()
    {
        await using var edge = await GeoEdge.StartAsync(Routes, "\"TrustedProxies\": [ \"127.0.0.9/32\" ]", Policies, "\"AccessLog\": { \"File\": \"stdout\" }");
        await edge.GetAsync(GeoEdge.German, "/plain/a");
        await edge.GetAsync(GeoEdge.Nobody, "/plain/a", "X-Forwarded-For: 8.8.8.8, 127.0.2.8");
        await Eventually.TrueAsync(
            () => Task.FromResult(edge.Process.Process.Output.Contains("\"client\":\"127.0.1.1\",\"country\":\"DE\",\"asn\":64501,") && edge.Process.Process.Output.Contains("\"client\":\"127.0.2.8\",\"country\":\"US\",\"asn\":64502,")),
            () => edge.Process.Process.Output);
    }
}
