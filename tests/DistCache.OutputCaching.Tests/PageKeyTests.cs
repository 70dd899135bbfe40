using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.OutputCaching.Tests;

public class PageKeyTests
{
    private const string Base = "GET\u001eHTTP\u001eSHOP.TEST/A\u001eV";
    private const string Url = "\u001edistcache=https shop.test /A B";

    [Fact]
    public void What_the_policy_puts_in_the_store_takes_out()
    {
        var page = PageKey.Read(Key(asOf: 17, fence: 0));
        Assert.NotNull(page);
        Assert.Equal((17L, "https", "shop.test", "/A B"), (page.AsOf, page.Scheme, page.Host, page.Path));
        Assert.Equal($"output\0{Base}{Url}", Encoding.UTF8.GetString(page.Key.Bytes));
    }

    [Fact]
    public void The_key_in_the_tiers_is_the_same_whatever_the_count()
    {
        Assert.NotEqual(Key(17, 0), Key(18, 0));
        Assert.NotEqual(Key(17, 1), Key(17, 2));
        Assert.Equal(PageKey.Read(Key(17, 0))!.Key.Bytes, PageKey.Read(Key(18, 3))!.Key.Bytes);
    }

    [Fact]
    public void What_stands_behind_it_stays_in_the_key()
    {
        var page = PageKey.Read(Key(17, 0) + "\u001elanguage=de")!;
        Assert.Equal($"output\0{Base}{Url}\u001elanguage=de", Encoding.UTF8.GetString(page.Key.Bytes));
        Assert.Equal("/A B", page.Path);
    }

    [Fact] // SetVaryByHost(false): whoever asks first, the page is all hosts'
    public void A_page_of_every_host_has_none()
    {
        var (one, other) = (Key(1, 0).Replace("SHOP.TEST", "*:*", StringComparison.Ordinal), Key(1, 0).Replace("SHOP.TEST", "*:*", StringComparison.Ordinal).Replace("shop.test", "b.test", StringComparison.Ordinal));
        Assert.Equal(PageUrl.AnyHost, PageKey.Read(one)!.Host);
        Assert.Equal(PageKey.Read(one)!.Key.Bytes, PageKey.Read(other)!.Key.Bytes);
    }

    [Theory]
    [InlineData("GET\u001eHTTP\u001eSHOP.TEST/A")]
    [InlineData("GET\u001eHTTP\u001eSHOP.TEST/A\u001eV\u001edistcache=x 0 http h /")]
    [InlineData("GET\u001eHTTP\u001eSHOP.TEST/A\u001eV\u001edistcache=-1 0 http h /")]
    [InlineData("GET\u001eHTTP\u001eSHOP.TEST/A\u001eV\u001edistcache=1 0 http")]
    public void Without_a_count_there_is_no_page(string key) => Assert.Null(PageKey.Read(key));

    [Fact]
    public void More_tags_than_are_kept_are_selected_by_every_purge_of_a_tag()
    {
        var page = PageKey.Read(Key(0, 0))!;
        Assert.Equal(["a", "b"], page.IdentityWith(["a", "b", "a"]).Tags!);
        Assert.Null(page.IdentityWith([.. Enumerable.Range(0, 65).Select(i => $"t{i}")]).Tags);
        Assert.Null(page.IdentityWith([new string('x', 129)]).Tags);
    }

    private static string Key(long asOf, long fence)
    {
        var context = new DefaultHttpContext();
        (context.Request.Scheme, context.Request.Host) = ("https", new HostString("Shop.Test"));
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = "/a%20b?x=1 2";
        var (name, value) = PageKey.ValueOf(context.Request, asOf, fence);
        return $"{Base}\u001e{name}={value}";
    }
}
