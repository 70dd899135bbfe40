using DistCache.Geo.Regions;
using DistCache.Proxy.Explaining;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Model;

namespace DistCache.Proxy.Tests.Geo;

public sealed class GeoGateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_route_that_asks_for_no_place_costs_no_allocation()
    {
        new MmdbWriter("GeoLite2-Country").Place("127.0.0.0/8", "DE").Replace(Database);
        await using var edge = await StartAsync(("DistCache:Geo:Database", Database), ("DistCache:Geo:TrustedProxies", "10.0.0.0/8"), ("DistCache:Geo:Headers:Country", "My-Country"),
            ("DistCache:Regions:a:Latitude", "1"), ("DistCache:Regions:a:Longitude", "2"));
        var gate = edge.Services.GetRequiredService<GeoGate>();
        var context = new DefaultHttpContext { RequestServices = edge.Services };
        context.Request.Method = "GET";
        context.Request.Path = "/a";
        context.SetEndpoint(edge.Services.GetRequiredService<EndpointDataSource>().Endpoints.First(endpoint => endpoint.Metadata.GetMetadata<RouteModel>() is not null));
        RequestDelegate next = static _ => Task.CompletedTask;
        for (var i = 0; i < 100; i++)
            Pass();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Pass();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Pass()
        {
            gate.BeforeRouting(context, next);
            gate.AfterRouting(context, next);
        }
    }

    [Fact]
    public async Task A_blocked_client_is_refused_and_explain_says_why()
    {
        await using var edge = await StartAsync(("ReverseProxy:Routes:all:Metadata:DistCache.Geo.Block", "private"), ("ReverseProxy:Routes:all:Metadata:DistCache.Geo.Status", "451"));
        Assert.Equal((451, "http_request_denied"), (await edge.GetAsync("/a")) is var answer ? (answer.Status, answer.Field("Proxy-Status")!.Split("error=")[1]) : default);
        Assert.Equal(200, (await edge.RequestAsync("PURGE", "/a")).Status); // who may purge is said elsewhere
        var (explanation, _) = await edge.Services.GetRequiredService<IExplainer>().ExplainAsync("http://test/a", "GET", [], client: "", false, TestContext.Current.CancellationToken);
        Assert.Equal((ExplainedDecision.Refuse, "geo-blocked", 451), (explanation!.Decision, explanation.Reason, explanation.Status));
    }

    [Fact]
    public async Task A_region_that_is_down_or_overloaded_is_sent_nobody()
    {
        new MmdbWriter("GeoLite2-Country").Place("127.0.0.0/8", "US").Replace(Database);
        var health = new Health();
        await using var edge = await StartAsync(
            services => services.AddSingleton<IRegionHealth>(health),
            ("DistCache:Geo:Database", Database), ("DistCache:Node:Region", "eu"), ("ReverseProxy:Routes:all:Metadata:DistCache.Geo.Steer", "true"),
            ("DistCache:Regions:eu:Countries", "EU"), ("DistCache:Regions:us:Countries", "US"), ("DistCache:Regions:us:PublicAddress", "https://us.example"));
        edge.Origin.Others.Answer(Answers.Ok("a", "Cache-Control: max-age=60", edge.Date));
        Assert.Equal(307, (await edge.GetAsync("/a")).Status);
        foreach (var state in new[] { RegionHealth.Down, RegionHealth.Overloaded })
        {
            health.OfUs = state;
            Assert.Equal(200, (await edge.GetAsync("/a")).Status);
        }
        health.OfUs = RegionHealth.Healthy;
        Assert.Equal(307, (await edge.GetAsync("/a")).Status);
        Assert.Equal(200, (await edge.RequestAsync("POST", "/a")).Status); // writes stay
        var (explanation, _) = await edge.Services.GetRequiredService<IExplainer>().ExplainAsync("http://test/a", "GET", [], client: "", false, TestContext.Current.CancellationToken);
        Assert.Equal(("steered", 307), (explanation!.Reason, explanation.Status));
    }

    [Theory]
    [InlineData("?a=1", true, "?a=1&distcache-steered=eu")]
    [InlineData("", true, "?distcache-steered=eu")]
    public void The_mark_is_added_and_taken_out_again(string query, bool was, string marked)
    {
        Assert.Equal(marked, SteerMark.AddTo(query, "eu"));
        var context = new DefaultHttpContext();
        context.Request.QueryString = new(marked);
        Assert.Equal(was, SteerMark.TakeFrom(context.Request));
        Assert.Equal(query, context.Request.QueryString.Value ?? "");
        Assert.False(SteerMark.TakeFrom(context.Request));
    }

    [Theory]
    [InlineData("DistCache:Geo:Databse", "x", "DistCache:Geo:Databse: there is no such setting; the nearest name is 'Database'")]
    [InlineData("DistCache:Geo:TrustedProxies", "10.0.0.1/8", "DistCache:Geo:TrustedProxies: '10.0.0.1/8' is not a network")]
    [InlineData("DistCache:Purge:AllowedNetworks:0", "10.0.0.1/8", "DistCache:Purge:AllowedNetworks:0: '10.0.0.1/8' is not a network")]
    [InlineData("DistCache:Geo:ForwardedField", "X-Real-IP", "DistCache:Geo:ForwardedField: 'X-Real-IP' is none of its values")]
    [InlineData("DistCache:Geo:ProxyProtocol", "2", "DistCache:Geo:ProxyProtocol: '2' is neither true nor false")]
    [InlineData("DistCache:Geo:Private", "Germany", "DistCache:Geo:Private: 'Germany' is no country")]
    [InlineData("DistCache:Geo:Groups:DE", "AT", "DistCache:Geo:Groups:DE: 'DE' cannot be a group's name")]
    [InlineData("DistCache:Geo:Groups:DACH", "DE, Austria", "DistCache:Geo:Groups:DACH: 'Austria' is no country")]
    [InlineData("DistCache:Geo:Headers:Country", "Cookie", "DistCache:Geo:Headers:Country: 'Cookie' cannot be the name of such a field")]
    [InlineData("DistCache:Geo:Headers:Country", "X Country", "DistCache:Geo:Headers:Country: 'X Country' cannot be the name")]
    [InlineData("DistCache:Geo:Headers:Contry", "a", "DistCache:Geo:Headers:Contry: there is no such setting; the nearest name is 'Country'")]
    [InlineData("DistCache:Geo:Hysteresis", "far", "DistCache:Geo:Hysteresis: 'far' is no number from 0 to 20000")]
    [InlineData("DistCache:Regions:eu:Latitude", "91", "DistCache:Regions:eu:Latitude: '91' is no number from -90 to 90")]
    [InlineData("DistCache:Regions:eu:Longitude", "9", "DistCache:Regions:eu: has one of Latitude and Longitude")]
    [InlineData("DistCache:Regions:eu:Country", "DE", "DistCache:Regions:eu:Country: there is no such setting; the nearest name is 'Countries'")]
    [InlineData("DistCache:Regions:eu:Countries", "Germany", "DistCache:Regions:eu:Countries: 'Germany' is neither")]
    [InlineData("DistCache:Regions:eu:Shield", "us", "DistCache:Regions:eu:Shield: there is no region 'us'")]
    [InlineData("DistCache:Policies:default:Key:Country", "EUROPA", "DistCache:Policies:default:Key:Country: 'EUROPA' is not true, false, or a list")]
    [InlineData("ReverseProxy:Routes:all:Metadata:DistCache.Geo.Allow", "DE, Mars", "ReverseProxy:Routes:all:Metadata:DistCache.Geo.Allow: 'Mars' is no country")]
    [InlineData("ReverseProxy:Routes:all:Metadata:DistCache.Geo.Status", "404", "ReverseProxy:Routes:all:Metadata:DistCache.Geo.Status: '404' is none of its values")]
    [InlineData("ReverseProxy:Routes:all:Metadata:DistCache.Geo.Alow", "DE", "ReverseProxy:Routes:all:Metadata:DistCache.Geo.Alow: there is no such setting; the nearest name is 'Allow'")]
    public async Task What_is_wrong_is_told_with_its_key(string key, string value, string error)
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync((key, value)));
        Assert.Contains(error, thrown.Message);
    }

    private string Database => Path.Combine(_folder.Path, "places.mmdb");

    private static Task<EdgeInProcess> StartAsync(params (string Key, string Value)[] more) => StartAsync(null, more);

    private static Task<EdgeInProcess> StartAsync(Action<IServiceCollection>? configure, params (string Key, string Value)[] more) =>
        EdgeInProcess.StartAsync(more: more.ToDictionary(pair => pair.Key, string? (pair) => pair.Value), configure: configure);

    private sealed class Health : IRegionHealth
    {
        public RegionHealth OfUs { get; set; }

        public RegionHealth Of(string region) => region == "us" ? OfUs : RegionHealth.Healthy;
    }
}
