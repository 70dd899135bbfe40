using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.OutputCaching.Tests;

/// <summary>A purge as the fleet spells it finds the page, however those wrote its URL who are served the same page.</summary>
public class PageUrlTests
{
    [Theory]
    [InlineData("/page/a?y=2&x=1", "http://shop.test/page/a?x=1&y=2")] // the middleware sorts the query,
    [InlineData("/page/a?X=1", "http://shop.test/page/a?x=1")] // ignores the case of its names,
    [InlineData("/page/a?x=1&utm_source=m", "http://shop.test/page/a?x=1")] // may look at a part of it,
    [InlineData("/Page/A", "http://shop.test/page/a")] // and ignores the case of the path
    [InlineData("/page/caf%c3%a9", "http://shop.test/page/CAF%C3%89")]
    [InlineData("/page/a%20b", "http://shop.test/page/a%20b")]
    [InlineData("/page/a%2Fb", "http://shop.test/page/a%252fb")] // servers leave %2F, so both have one path
    [InlineData("/page/a%252Fb", "http://shop.test/page/a%2fb")]
    [InlineData("/page/%61", "http://shop.test/page/a")]
    [InlineData("/x/../page/./a", "http://shop.test/page/a")]
    [InlineData("/x%2Fy/%2e%2E/page/a", "http://shop.test/page/a")]
    [InlineData("/page/b/..", "http://shop.test/page/")]
    [InlineData("/page/a%1Eb", "http://shop.test/page/a%1eb")]
    [InlineData("/page/a%FF", "http://shop.test/page/a%ff")]
    [InlineData("/page/a%", "http://shop.test/page/a%25")]
    public void A_purge_of_a_URL_finds_the_page(string sent, string purged) => Assert.True(Finds(sent, new(PurgeScope.Url, purged)));

    [Theory]
    [InlineData("/page/a", "http://shop.test/page/b")]
    [InlineData("/page/a", "http://shop.test/page/a/")]
    [InlineData("/page/a", "http://other.test/page/a")]
    [InlineData("/page/a", "https://shop.test/page/a")]
    public void A_purge_of_another_URL_does_not(string sent, string purged) => Assert.False(Finds(sent, new(PurgeScope.Url, purged)));

    [Theory]
    [InlineData("/Page/A", "shop.test/page/", true)]
    [InlineData("/page/a", "http://shop.test/pa", true)]
    [InlineData("/page/a", "https://shop.test/pa", false)]
    [InlineData("/page/a", "shop.test/page/b", false)]
    [InlineData("/page/a?y=2&x=1", "shop.test/page/a?x", true)]
    [InlineData("/page/ab?x", "shop.test/page/a?x", false)]
    [InlineData("/page/caf%C3%A9", "shop.test/page/caf%C3", true)] // cut within a character,
    [InlineData("/page/a%2541", "shop.test/page/a%25", true)] // and within what decodes to one
    [InlineData("/page/a%2541", "shop.test/page/a%254", true)]
    public void A_purge_of_a_prefix_finds_the_page_that_it_names(string sent, string purged, bool finds) => Assert.Equal(finds, Finds(sent, new(PurgeScope.Prefix, purged)));

    [Theory]
    [InlineData("Shop.Test", "http", "shop.test")]
    [InlineData("shop.test:80", "http", "shop.test")]
    [InlineData("shop.test:443", "https", "shop.test")]
    [InlineData("shop.test:443", "http", "shop.test:443")]
    [InlineData("shop.test.:8080", "http", "shop.test:8080")]
    [InlineData("[::1]:80", "http", "[::1]")]
    public void A_host_is_named_as_purges_name_it(string sent, string scheme, string host) => Assert.Equal(host, PageUrl.HostOf(Request(scheme, sent, "/")));

    [Theory]
    [InlineData(PurgeScope.Url, "http://shop.test/page/a")]
    [InlineData(PurgeScope.Host, "shop.test")]
    [InlineData(PurgeScope.Prefix, "shop.test/page")]
    [InlineData(PurgeScope.Prefix, "shop.test/page/a?x")]
    public void A_page_that_the_app_shares_among_its_hosts_is_found_by_a_purge_of_any(PurgeScope scope, string value) =>
        Assert.True(Finds(PurgeIdentity.Of("http", PageUrl.AnyHost, "/PAGE/A", []), new(scope, value)));

    [Fact] // UsePathBase, UseRewriter: outside only the target is known
    public void A_path_that_the_app_has_rewritten_is_purged_as_it_was_sent()
    {
        var request = Request("http", "shop.test", "/old?x");
        request.Path = "/new";
        Assert.Equal("/OLD", PageUrl.PathOf(request));
    }

    [Theory] // absolute-form, and servers that do not tell
    [InlineData("http://shop.test/page")]
    [InlineData("")]
    public void Without_a_target_the_path_counts(string raw)
    {
        var request = Request("http", "shop.test", raw);
        (request.PathBase, request.Path) = ("/base", "/a?b");
        Assert.Equal("/BASE/A?B", PageUrl.PathOf(request));
    }

    private static bool Finds(string sent, PurgeSelector purge)
    {
        var request = Request("http", "shop.test", sent);
        return Finds(PurgeIdentity.Of(request.Scheme, PageUrl.HostOf(request), PageUrl.PathOf(request), []), purge);
    }

    private static bool Finds(PurgeIdentity page, PurgeSelector purge)
    {
        var index = new PurgeIndex(PageUrl.Of);
        index.Apply([purge], PurgeMode.Hard, at: 1);
        return index.Judge(page, asOf: 0, out _) is PurgeVerdict.Dead;
    }

    private static HttpRequest Request(string scheme, string host, string raw)
    {
        var context = new DefaultHttpContext();
        (context.Request.Scheme, context.Request.Host) = (scheme, new HostString(host));
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = raw;
        return context.Request;
    }
}
