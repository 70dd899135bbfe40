using DistCache.Scenarios.Wire;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>
/// A6, web cache poisoning by fields that no key holds: an origin that builds its page out of every field that it gets, and lets it be
/// stored. One client sends the poison, the next one must get the clean page.
/// </summary>
public class UnkeyedFieldTests(WireEdge wire) : IClassFixture<WireEdge>
{
    private const string Poison = "poison.example";

    // Gathered from what frameworks and servers read: Symfony, Rails, Django, Spring, ASP.NET, Next.js, Drupal, WordPress, IIS, nginx, Envoy.
    public static TheoryData<string> Names =>
    [
        "X-Forwarded-Host", "X-Forwarded-Scheme", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Path",
        "X-Forwarded-Server", "X-Forwarded-For", "X-Forwarded-By", "X-Forwarded-Ssl", "X-Forwarded-Protocol", "X-Forwarded-Uri",
        "X-Forwarded-Url", "X-Forwarded-User", "X-Forwarded-Method", "X-Forwarded-Context", "X-Forwarded-Proto-Version", "X-Forwarded",
        "Forwarded", "Forwarded-Host", "Forwarded-For", "Forwarded-Proto", "X-Host", "X-Host-Name", "X-Host-Override",
        "X-HTTP-Host", "X-HTTP-Host-Override", "X-Backend-Host", "X-Backend-Server", "X-Upstream-Host", "X-Proxy-Host", "X-Server-Name",
        "X-Real-Host", "X-Gateway-Host", "X-Origin-Host", "X-Original-Host", "X-Original-Url", "X-Original-Uri", "X-Original-Path",
        "X-Original-Query", "X-Original-Method", "X-Original-Scheme", "X-Original-Proto", "X-Original-Port", "X-Original-Prefix",
        "X-Original-Remote-Addr", "X-Original-Target", "X-Rewrite-Url", "X-Rewrite-Uri", "X-Rewrite-Host", "X-Rewrite-Path", "X-Rewrite-Query",
        "X-Request-Uri", "X-Request-Url", "X-Request-Path", "Request-Uri", "Base-Url", "X-Base-Url", "X-Base-Path", "X-Script-Name",
        "X-Path-Info", "X-Proxy-Url", "Destination-Url", "X-HTTP-DestinationUrl", "X-HTTP-Method",
        "X-HTTP-Method-Override", "X-Method-Override", "X-Scheme", "X-Url-Scheme", "X-Proto", "X-Protocol", "X-Forwarded-Https",
        "X-Https", "Front-End-Https", "X-Ssl", "X-Real-IP", "X-Client-IP", "Client-IP", "True-Client-IP", "X-True-Client-IP",
        "X-Cluster-Client-IP", "X-Originating-IP", "X-Remote-IP", "X-Remote-Addr", "X-Remote-User", "X-ProxyUser-Ip", "CF-Connecting-IP",
        "Fastly-Client-IP", "X-Custom-IP-Authorization", "X-Middleware-Subrequest", "X-Middleware-Prefetch", "X-Invoke-Path", "X-Invoke-Status",
        "X-Now-Route-Matches", "X-Matched-Path", "X-Nextjs-Rewrite", "X-Accel-Redirect", "X-Accel-Mapping", "X-Sendfile",
        "X-Sendfile-Type", "Proxy", "X_Forwarded_Host", "X_Host", "Surrogate-Capability", "Cache-Tag", "X-Envoy-Original-Path",
        "CF-IPCountry", "X-Geo-Country", "X-Country-Code", "CloudFront-Is-Mobile-Viewer",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_field_that_no_key_holds_does_not_reach_the_page_of_the_next_client(string name)
    {
        var target = $"/unkeyed/{name}";
        wire.Origin.On(target).Answer(Reflect);
        await wire.RunAsync(async () =>
        {
            await wire.Edge.GetAsync(target, $"{name}: {Poison}");
            await wire.Edge.GetAsync(target, $"{name}: {Poison}", $"{name.ToUpperInvariant()}: {Poison}");
            var clean = await wire.Edge.GetAsync(target);
            Assert.Equal((200, "clean"), (clean.Status, clean.Text));
        });
    }

    /// <summary>What ordinary clients send and Vary may name: the origin's Vary keeps the pages apart.</summary>
    [Theory]
    [InlineData("User-Agent")]
    [InlineData("Accept")]
    [InlineData("Accept-Language")]
    [InlineData("Accept-Encoding")]
    [InlineData("Referer")]
    [InlineData("Cookie")]
    [InlineData("X-Requested-With")]
    public async Task A_field_that_Vary_names_is_a_page_of_its_own(string name)
    {
        var target = $"/varied/{name}";
        wire.Origin.On(target).Answer(request => Reflect(request, $"Vary: {name}"));
        await wire.RunAsync(async () =>
        {
            Assert.Equal("poisoned", (await wire.Edge.GetAsync(target, $"{name}: {Poison}")).Text);
            Assert.Equal("clean", (await wire.Edge.GetAsync(target)).Text);
            Assert.Equal("clean", (await wire.Edge.GetAsync(target, $"{name}: other")).Text);
            Assert.Equal("poisoned", (await wire.Edge.GetAsync(target, $"{name}: {Poison}")).Text);
        });
    }

    private static Script Reflect(OriginRequest request) => Reflect(request, "X-Origin: reflects");

    private static Script Reflect(OriginRequest request, string fieldLine) =>
        Answers.Ok(request.Text.Contains(Poison, StringComparison.OrdinalIgnoreCase) ? "poisoned" : "clean", "Cache-Control: max-age=60", fieldLine);
}
