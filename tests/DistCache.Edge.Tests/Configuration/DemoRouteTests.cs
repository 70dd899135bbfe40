using DistCache.Edge.CommandLine;
using DistCache.Edge.Configuration;
using DistCache.Edge.Tests.Kit;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Edge.Tests.Configuration;

public sealed class DemoRouteTests : IDisposable
{
    private const string Route = """{ "ReverseProxy": { "Routes": { "shop": { "ClusterId": "shop", "Match": { "Path": "/{**rest}" } } } } }""";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_demo_is_the_only_route_until_another_one_is_configured_and_again_after_it_is_gone()
    {
        var path = _folder.Write("file.json", "{}");
        using var configuration = EdgeConfiguration.Read(new EdgeArguments { Config = [path] }, _folder.Path, _time, []);
        using var resolved = ResolvedConfiguration.Build(configuration.Root, new("n", "r"), new(1, 1), demoOrigin: "http://127.0.0.1:1");
        configuration.Follow();
        Assert.Equal([DemoRoute.Id], resolved.Root.RouteIds());

        Change(Route);
        Assert.Equal(["shop"], resolved.Root.RouteIds());
        Assert.Null(resolved.Root["ReverseProxy:Clusters:demo:Destinations:demo:Address"]);

        Change("{}");
        Assert.Equal([DemoRoute.Id], resolved.Root.RouteIds());
        Assert.Equal("http://127.0.0.1:1", resolved.Root["ReverseProxy:Clusters:demo:Destinations:demo:Address"]);

        void Change(string content)
        {
            _folder.Write("file.json", content);
            _time.Advance(JsonFile.Interval);
            _time.Advance(JsonFile.Interval);
        }
    }

    [Fact]
    public void Without_a_demo_origin_there_is_no_demo_route()
    {
        using var configuration = EdgeConfiguration.Read(new EdgeArguments(), _folder.Path, _time, []);
        using var resolved = ResolvedConfiguration.Build(configuration.Root, new("n", "r"), new(1, 1), demoOrigin: null);
        Assert.Empty(resolved.Root.RouteIds());
    }
}
