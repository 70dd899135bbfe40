using DistCache.Proxy.Hits;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Telemetry;
using DistCache.Semantics.Storing;

namespace DistCache.Proxy.Tests.Hits;

public sealed class KnownRoutesTests
{
    private readonly KnownRoutes _routes = new();
    private readonly RouteCounts _counts = new("r");

    [Fact]
    public void A_stamp_means_its_route_as_long_as_its_configuration_is_in_force()
    {
        var (a, b) = (Policy("a"), Policy("b"));
        var (stampOfA, stampOfB) = (_routes.StampOf(1, a, _counts), _routes.StampOf(1, b, _counts));
        Assert.Equal((a, b), (_routes.Of(stampOfA, 1)!.Policy, _routes.Of(stampOfB, 1)!.Policy));
        Assert.Equal(stampOfA, _routes.StampOf(1, a, _counts));
        Assert.Null(_routes.Of(stampOfA, 2));
    }

    [Fact]
    public void A_request_that_outlived_its_configuration_gives_no_number_away_a_second_time()
    {
        var (a, b) = (Policy("a"), Policy("b"));
        var stampOfA = _routes.StampOf(2, a, _counts);
        var outlived = _routes.StampOf(1, Policy("x"), _counts); // it began before the reload, and waited
        _routes.StampOf(2, b, _counts);
        Assert.Same(a, _routes.Of(stampOfA, 2)!.Policy);
        Assert.Null(_routes.Of(outlived, 1));
        Assert.Null(_routes.Of(outlived, 2));
    }

    private static CachePolicy Policy(string name) => new(name, CachingOptions.For(Preset.Safe));
}
