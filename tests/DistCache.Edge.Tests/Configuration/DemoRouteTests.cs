using DistCache.Edge.Configuration;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Configuration;

public sealed class DemoRouteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_demo_is_the_only_route_until_another_one_is_configured_and_again_after_it_is_gone()
    {
        var none = Reading.Of(_folder).Root;
        var shop = Reading.Of(_folder, ("ReverseProxy:Routes:shop:ClusterId", "shop")).Root;
        var resolved = ResolvedConfiguration.Build(none, new("n", "r"), new(1, 1), demoOrigin: "http://127.0.0.1:1");
        Assert.Equal([DemoRoute.Id], resolved.Root.RouteIds());

        resolved.Take(resolved.Resolve(shop));
        Assert.Equal(["shop"], resolved.Root.RouteIds());
        Assert.Null(resolved.Root["ReverseProxy:Clusters:demo:Destinations:demo:Address"]);

        resolved.Take(resolved.Resolve(none));
        Assert.Equal([DemoRoute.Id], resolved.Root.RouteIds());
        Assert.Equal("http://127.0.0.1:1", resolved.Root["ReverseProxy:Clusters:demo:Destinations:demo:Address"]);
    }

    [Fact]
    public void Without_a_demo_origin_there_is_no_demo_route() =>
        Assert.Empty(ResolvedConfiguration.Build(Reading.Of(_folder).Root, new("n", "r"), new(1, 1), demoOrigin: null).Root.RouteIds());
}
