using DistCache.Edge.CommandLine;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Configuration;

public sealed class OriginTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_origin_becomes_a_last_catch_all_route_with_the_default_policy()
    {
        var configuration = Reading.Of(_folder, new EdgeArguments { Origin = "https://example.org/shop" });

        Assert.Empty(configuration.Complaints);
        var route = configuration.Root.GetSection("ReverseProxy:Routes:origin");
        Assert.Equal(("origin", "/{**rest}", "2147483647", "default"), (route["ClusterId"], route["Match:Path"], route["Order"], route["OutputCachePolicy"]));
        Assert.Null(route["Match:Hosts:0"]);
        Assert.Equal("https://example.org/shop", configuration.Root["ReverseProxy:Clusters:origin:Destinations:origin:Address"]);
    }

    [Theory]
    [InlineData("nowhere", "--origin: 'nowhere' is not an http or https URL. Write an http or https URL with a host, as in http://127.0.0.1:5000.")]
    [InlineData("ftp://a", "--origin: 'ftp://a' is not an http or https URL. Write an http or https URL with a host, as in http://127.0.0.1:5000.")]
    [InlineData("http://", "--origin: 'http://' is not an http or https URL. Write an http or https URL with a host, as in http://127.0.0.1:5000.")]
    [InlineData("http://a:99999", "--origin: 'http://a:99999' is not an http or https URL. Write an http or https URL with a host, as in http://127.0.0.1:5000.")]
    [InlineData("/path", "--origin: '/path' is not an http or https URL. Write an http or https URL with a host, as in http://127.0.0.1:5000.")]
    [InlineData("http://a/?q=1", "--origin: 'http://a/?q=1' has a query or a fragment, which no request would carry. Write an http or https URL with a host, as in http://127.0.0.1:5000.")]
    [InlineData("http://me:secret@a", "--origin: a user name or password in the URL is not sent to the origin. Leave it out, and set an Authorization header with a YARP transform.")]
    public void A_wrong_origin_is_told_in_one_line(string origin, string line)
    {
        var configuration = Reading.Of(_folder, new EdgeArguments { Origin = origin });
        Assert.Equal(line, Assert.Single(configuration.Complaints).ToString());
    }

    [Theory]
    [InlineData("ReverseProxy:Routes:origin:Match:Path")]
    [InlineData("ReverseProxy:Clusters:Origin:Destinations:d:Address")]
    public void A_configured_route_or_cluster_of_the_same_name_is_not_mixed_with_it(string key)
    {
        var configuration = Reading.Of(_folder, new EdgeArguments { Origin = "http://a" }, (key, "http://b"));
        Assert.Equal("--origin: the configuration already has a route or cluster named 'origin'. Rename that one, or leave --origin out.",
            Assert.Single(configuration.Complaints).ToString());
    }
}
