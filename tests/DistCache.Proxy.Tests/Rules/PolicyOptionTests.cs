using DistCache.Proxy.Keys;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Options of a policy beyond the RFCs, each seen on the wire.</summary>
public sealed class PolicyOptionTests
{
    private static Task<EdgeInProcess> StartAsync(params string[] settings) => EdgeInProcess.StartAsync(
        more: settings.Select(line => line.Split('=', 2)).ToDictionary(pair => "DistCache:Policies:default:" + pair[0], string? (pair) => pair[1]));

    private static async Task<EdgeInProcess> EchoAsync(params string[] settings)
    {
        var edge = await StartAsync(settings);
        edge.Origin.Others.Answer(request => Answers.Ok(request.Target, "Cache-Control: max-age=60"));
        return edge;
    }

    [Fact]
    public async Task Ignored_parameters_are_neither_keyed_nor_sent_to_the_origin()
    {
        await using var edge = await EchoAsync("Key:Query:Ignore=@tracking, session");
        Assert.Equal("/a?id=1", (await edge.GetAsync("/a?utm_source=x&id=1&gclid=2&session=3")).Text);
        Assert.Equal("/a?id=1", (await edge.GetAsync("/a?id=1&utm_medium=y")).Text);
        Assert.Equal("/a", (await edge.GetAsync("/a?fbclid=1")).Text);
        Assert.Equal("/a?sessions=3", (await edge.GetAsync("/a?sessions=3")).Text);
        Assert.Equal(3, edge.Origin.Log.All.Count);
    }

    [Fact]
    public async Task Only_allowed_parameters_count_and_sorted_ones_are_one_URL()
    {
        await using var edge = await EchoAsync("Key:Query:Allow=b, a*", "Key:Query:Sort=true");
        Assert.Equal("/x?a1=2&b=1&b=0", (await edge.GetAsync("/x?b=1&c=3&a1=2&b=0")).Text);
        Assert.Equal("/x?a1=2&b=1&b=0", (await edge.GetAsync("/x?a1=2&b=1&b=0")).Text);
        Assert.Equal("/x?a1=2&b=0&b=1", (await edge.GetAsync("/x?a1=2&b=0&b=1")).Text);
        Assert.Equal(2, edge.Origin.Log.All.Count);
    }

    [Fact]
    public async Task A_purge_finds_what_was_stored_under_the_rewritten_URL()
    {
        await using var edge = await EchoAsync("Key:Query:Ignore=@tracking");
        await edge.GetAsync("/a?utm_source=x");
        await edge.RequestAsync("PURGE", "/a?utm_source=y");
        await edge.GetAsync("/a");
        Assert.Equal(2, edge.Origin.Log.All.Count);
    }

    [Fact] // as route rules and methods may lead it elsewhere: to no route at all, or to one without that policy
    public async Task A_purge_finds_it_whatever_route_the_PURGE_itself_takes()
    {
        await using var edge = await EdgeInProcess.StartAsync(more: new Dictionary<string, string?>
        {
            ["DistCache:Policies:default:Key:Query:Sort"] = "true",
            ["ReverseProxy:Routes:all:Match:Methods:0"] = "GET",
        });
        edge.Origin.Others.Answer(request => Answers.Ok(request.Target, "Cache-Control: max-age=60"));
        await edge.GetAsync("/a?y=2&x=1");
        Assert.Equal(200, (await edge.RequestAsync("PURGE", "/a?y=2&x=1")).Status);
        await edge.GetAsync("/a?y=2&x=1");
        Assert.Equal(2, edge.Origin.Log.All.Count);
    }

    [Fact]
    public async Task Key_fields_and_key_cookies_tell_responses_apart_and_an_absent_one_is_not_an_empty_one()
    {
        await using var edge = await StartAsync("Key:Headers=X-Tenant", "Key:Cookies=lang");
        edge.Origin.Others.Answer(request => Answers.Ok($"{request.Field("X-Tenant")}/{request.Field("Cookie")}", "Cache-Control: max-age=60"));
        string[][] requests = [[], ["X-Tenant: a"], ["X-Tenant: b"], ["Cookie: lang=de"], ["Cookie: lang="], ["X-Tenant: a", "Cookie: lang=de"]];
        foreach (var fields in requests)
            await edge.GetAsync("/a", fields);
        Assert.Equal(requests.Length, edge.Fetches("/a"));
        Assert.Equal("a/lang=de; x=1", (await edge.GetAsync("/b", "X-Tenant: a", "Cookie: lang=de; x=1")).Text);
        Assert.Equal("a/lang=de; x=1", (await edge.GetAsync("/b", "X-Tenant: a", "Cookie: x=2; lang=de")).Text);
    }

    [Fact]
    public async Task Removed_fields_do_not_reach_the_origin_and_do_not_count_in_Vary()
    {
        await using var edge = await StartAsync("RemoveRequestFields=Cookie, User-Agent");
        edge.Origin.On("/a").Answer(request => Answers.Ok($"[{request.Field("Cookie")}{request.Field("User-Agent")}]", "Cache-Control: max-age=60", "Vary: Cookie, User-Agent"));
        Assert.Equal("[]", (await edge.GetAsync("/a", "Cookie: a=b", "User-Agent: x")).Text);
        Assert.Equal("[]", (await edge.GetAsync("/a", "Cookie: c=d", "User-Agent: y")).Text);
        Assert.Equal(1, edge.Fetches("/a"));
    }

    [Theory]
    [InlineData("Bypass:Cookies=session, wordpress_*", "/a", "Cookie: wordpress_logged_in=1", "bypass-cookie")]
    [InlineData("Bypass:Headers=X-Preview", "/a", "X-Preview: 1", "bypass-header")]
    [InlineData("Bypass:Query=preview", "/a?x=1&preview", "X: 1", "bypass-query")]
    public async Task A_bypass_condition_passes_and_says_which(string setting, string target, string field, string reason)
    {
        await using var edge = await EchoAsync(setting);
        for (var i = 0; i < 2; i++)
            Assert.Contains($"fwd=bypass; fwd-status=200; detail={reason}", (await edge.GetAsync(target, field)).Field("Cache-Status"), StringComparison.Ordinal);
        Assert.Equal(2, edge.Fetches(target));
        await edge.GetAsync("/a", "Cookie: mysession=1; wordpress=2", "X-Previews: 1");
        Assert.Contains("; hit", (await edge.GetAsync("/a")).Field("Cache-Status"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MinimumLifetime=30s", "max-age=5", 29, true)]
    [InlineData("MinimumLifetime=30s", "max-age=5", 30, false)]
    [InlineData("MinimumLifetime=30s", "max-age=90", 60, true)]
    [InlineData("MinimumLifetime=30s", "no-cache, max-age=5", 0, false)]
    [InlineData("MinimumLifetime=30s", "no-store", 0, false)]
    [InlineData("MaximumLifetime=10s", "max-age=60", 9, true)]
    [InlineData("MaximumLifetime=10s", "max-age=60", 10, false)]
    [InlineData("FixedLifetime=10s", "max-age=60", 10, false)]
    [InlineData("FixedLifetime=10s", "max-age=0", 9, true)]
    [InlineData("FixedLifetime=10s", "x", 9, true)]
    [InlineData("FixedLifetime=10s", "private", 0, false)]
    [InlineData("FixedLifetime=10s", "no-cache", 0, false)]
    public async Task Bounds_of_lifetimes(string setting, string control, int after, bool isHit)
    {
        await using var edge = await StartAsync(setting);
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: " + control));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(after));
        await edge.GetAsync("/a");
        Assert.Equal(isHit ? 1 : 2, edge.Fetches("/a"));
    }

    [Fact]
    public async Task A_fixed_lifetime_is_not_for_errors()
    {
        await using var edge = await StartAsync("FixedLifetime=10s", "MinimumLifetime=10s");
        edge.Origin.On("/a").Answer(Answers.WithLength("404 Not Found", []));
        await edge.GetAsync("/a");
        await edge.GetAsync("/a");
        Assert.Equal(2, edge.Fetches("/a"));
    }

    [Fact]
    public async Task Jitter_shortens_lifetimes_each_by_another_part()
    {
        await using var edge = await StartAsync("Jitter=0.5");
        edge.Origin.Others.Answer(_ => Answers.Ok("x", "Cache-Control: max-age=1000"));
        var left = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            await edge.GetAsync($"/{i}");
            var ttl = (await edge.GetAsync($"/{i}")).Field("Cache-Status")!.Split("ttl=")[1];
            Assert.InRange(int.Parse(ttl, System.Globalization.CultureInfo.InvariantCulture), 500, 1000);
            left.Add(ttl);
        }
        Assert.True(left.Count > 10, $"{left.Count} different lifetimes");
    }

    [Fact]
    public async Task A_policys_tags_are_purged_beside_the_origins()
    {
        await using var edge = await StartAsync("Tags=shop, all");
        edge.Origin.On("/a").Answer(Answers.Ok("x", "Cache-Control: max-age=60", "Cache-Tag: own"));
        foreach (var tag in (string[])["shop", "own", "all"])
        {
            await edge.GetAsync("/a");
            await edge.RequestAsync("PURGE", "/", "Surrogate-Key: " + tag);
        }
        await edge.GetAsync("/a");
        Assert.Equal(4, edge.Fetches("/a"));
    }

    [Fact]
    public async Task A_larger_body_than_the_policy_allows_streams_through()
    {
        await using var edge = await StartAsync("MaxObjectSize=1KiB");
        edge.Origin.On("/small").Answer(Answers.Ok(new string('x', 1024), "Cache-Control: max-age=60"));
        edge.Origin.On("/large").Answer(Answers.Ok(new string('x', 1025), "Cache-Control: max-age=60"));
        foreach (var target in (string[])["/small", "/large", "/small", "/large"])
            Assert.Equal(200, (await edge.GetAsync(target)).Status);
        Assert.Equal((1, 2), (edge.Fetches("/small"), edge.Fetches("/large")));
    }

    [Theory]
    [InlineData("MaxObjectSize=lots", "MaxObjectSize: 'lots' is not a size")]
    [InlineData("Jitter=2", "Jitter: '2' is no number from 0 to 1")]
    [InlineData("Writes=write-back", "Writes: 'write-back' is none of its values; write invalidate.")]
    [InlineData("Consistency=bold", "Consistency: 'bold' is none of its values; write eventual, bounded, strong.")]
    [InlineData("Partition=x", "Partition: 'x' is none of its values; write validate, serve.")]
    [InlineData("Key:Headers=a b", "Key:Headers: 'a b' is not a list of field names")]
    [InlineData("Key:Query:Drop=x", "Key:Query:Drop: unknown key; Key:Query has Allow, Ignore, Sort.")]
    [InlineData("Key:Host=x", "Key:Host: unknown key; Key has Query, Headers, Cookies, Country.")]
    [InlineData("Bypass:Path=x", "Bypass:Path: unknown key; Bypass has Cookies, Headers, Query.")]
    [InlineData("Key:Query:Ignore=@all", "Key:Query:Ignore: '@all' is not a list of parameter names; the only preset is @tracking")]
    [InlineData("Tags=a b", "Tags: 'a b' is not a list of tags")]
    [InlineData("MinimumLifetime=2h|MaximumLifetime=1h", "MinimumLifetime: '02:00:00' is more than MaximumLifetime")]
    public void A_wrong_value_is_told_by_its_key_with_the_remedy(string settings, string error)
    {
        var errors = new List<string>();
        PolicyCatalog.Read(new ConfigurationBuilder().AddInMemoryCollection(
            settings.Split('|').Select(line => line.Split('=', 2)).Select(pair => KeyValuePair.Create("DistCache:Policies:p:" + pair[0], (string?)pair[1]))).Build(), errors);
        Assert.StartsWith("DistCache:Policies:p:" + error, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?", "")]
    [InlineData("?&&a=1&&", "?a=1")]
    [InlineData("?a=%26&b=c=d&a", "?a=%26&b=c=d&a")]
    [InlineData("?utm_=1&UTM_x=2&utm=3", "?UTM_x=2&utm=3")]
    public void Queries_are_parted_byte_for_byte(string query, string expected) =>
        Assert.Equal(expected, new QueryRules(null, QueryRules.Tracking, sort: false).Apply(query));
}
