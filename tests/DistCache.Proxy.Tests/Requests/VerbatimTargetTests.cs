using DistCache.Proxy.Requests;
using DistCache.TestKit;
using Yarp.ReverseProxy.Configuration;

namespace DistCache.Proxy.Tests.Requests;

/// <summary>Each of YARP's own transforms of path and query, in the exact bytes of the origin's request line.</summary>
public class VerbatimTargetTests
{
    public static TheoryData<string, string, Dictionary<string, string>[], string, string> Rows => new()
    {
        { "none", "/{**rest}", [], "/a%2fb/%252f//c%e9?q=100%", "/a%2Fb/%252f//c%E9?q=100%" },
        { "PathSet", "/{**rest}", [new() { ["PathSet"] = "/café/%2f/100%/a b" }], "/x?q=%zz", "/caf%C3%A9/%2F/100%25/a%20b?q=%zz" },
        { "PathSet without a slash", "/{**rest}", [new() { ["PathSet"] = "one" }], "/x", "/one" },
        { "PathPrefix", "/{**rest}", [new() { ["PathPrefix"] = "/pré" }], "/a%2fb%252F?", "/pr%C3%A9/a%2Fb%252F" },
        { "PathPrefix that ends in a slash", "/{**rest}", [new() { ["PathPrefix"] = "/p/" }], "/a//b", "/p/a//b" },
        { "PathRemovePrefix", "/{**rest}", [new() { ["PathRemovePrefix"] = "/café" }], "/caf%c3%a9/a%2fb/%252f", "/a%2Fb/%252f" },
        { "PathRemovePrefix of the whole path", "/{**rest}", [new() { ["PathRemovePrefix"] = "/a" }], "/a?q", "/?q" },
        { "PathRemovePrefix that only looks alike", "/{**rest}", [new() { ["PathRemovePrefix"] = "/a" }], "/a%2fb", "/a%2Fb" },
        {
            "PathPattern", "/in/{one}/{**rest}", [new() { ["PathPattern"] = "/ö/{one}/x/{**rest}" }],
            "/in/a%2fb/c%252fd//%c3%a9/%20+'%25?q=1", "/%C3%B6/a%2Fb/x/c%252fd//%C3%A9/%20+'%25?q=1"
        },
        { "PathPattern of a raw special", "/in/{**rest}", [new() { ["PathPattern"] = "/out/{**rest}" }], "/in/a|b;c=d&e$[f]", "/out/a|b;c=d&e$[f]" },
        { "QueryValueParameter set", "/{**rest}", [new() { ["QueryValueParameter"] = "a", ["Set"] = "1 2" }], "/p%2f?a=x&b=y", "/p%2F?a=1%202&b=y" },
        { "QueryValueParameter append", "/{**rest}", [new() { ["QueryValueParameter"] = "a", ["Append"] = "é" }], "/p", "/p?a=%C3%A9" },
        { "QueryRouteParameter", "/in/{id}", [new() { ["QueryRouteParameter"] = "id", ["Set"] = "id" }], "/in/x-1?b=%2f", "/in/x-1?b=%2F&id=x-1" },
        { "QueryRemoveParameter", "/{**rest}", [new() { ["QueryRemoveParameter"] = "a" }], "/p%2f?a=1", "/p%2F" },
        { "a matched literal outside ASCII", "/café/{**rest}", [], "/caf%c3%a9/x", "/caf%C3%A9/x" },
        { "a matched literal with an escape", "/a%2fb/{**rest}", [], "/a%2Fb/x", "/a%2Fb/x" },
        { "a constraint with braces", "/{year:regex(^\\d{{4}}$)}/{x}", [], "/2026/%c3%a9", "/2026/%C3%A9" },
        { "two transforms", "/{**rest}", [new() { ["PathRemovePrefix"] = "/api" }, new() { ["PathPrefix"] = "/v1" }], "/api/a%2fb", "/v1/a%2Fb" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task The_origin_reads_these_bytes(string transform, string match, Dictionary<string, string>[] transforms, string sent, string read)
    {
        await using var scope = new GateFixtureScope();
        var edge = await scope.StartAsync(new GateFixture
        {
            Routes = [new RouteConfig { RouteId = "r", ClusterId = "origin", Match = new RouteMatch { Path = match }, Transforms = transforms }],
        });
        await using var client = await edge.ConnectAsync();
        var answer = await client.GetAsync(sent);
        Assert.Equal((transform, 200), (transform, answer.Status));
        Assert.Equal($"GET {read} HTTP/1.1", Assert.Single(edge.Origin.Log.All).Text.Split("\r\n")[0]);
    }

    [Theory]
    [InlineData("/base", "/a%2fb", "/base/a%2Fb")]
    [InlineData("/base/", "/a", "/base/a")]
    [InlineData("/caf\u00e9/", "/a", "/caf%C3%A9/a")]
    [InlineData("/", "/", "/")]
    public async Task The_path_of_a_destination_stands_in_front(string destination, string sent, string read)
    {
        await using var scope = new GateFixtureScope();
        var edge = await scope.StartAsync(new GateFixture { DestinationSuffix = destination });
        await using var client = await edge.ConnectAsync();
        await client.GetAsync(sent);
        Assert.Equal(read, Assert.Single(edge.Origin.Log.All).Target);
    }

    [Theory]
    [InlineData("/café/{**rest}", "/caf%C3%A9/{**rest}")]
    [InlineData("/{name:regex(^é{{2}}$)}/é", "/{name:regex(^é{{2}}$)}/%C3%A9")]
    [InlineData("/{a}-{b=é}/%7e%2f", "/{a}-{b=é}/~%2F")]
    [InlineData("/100%/{{x}}", "/100%25/{{x}}")]
    [InlineData("/plain/{id:int}", "/plain/{id:int}")]
    [InlineData("{**all}", "{**all}")]
    public void A_template_is_canonical_outside_its_parameters(string template, string canonical) =>
        Assert.Equal(canonical, PathLiteral.CanonicalizeTemplate(template));
}
