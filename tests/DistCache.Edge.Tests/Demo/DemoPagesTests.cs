using System.Net;
using System.Text.RegularExpressions;
using DistCache.Edge.Demo;
using DistCache.Edge.Demo.Pages;
using DistCache.Edge.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace DistCache.Edge.Tests.Demo;

public sealed partial class DemoPagesTests : IAsyncLifetime
{
    private readonly ImpatientTime _time = new();
    private DemoHost _demo = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _demo = await DemoHost.StartAsync(_time, NullLoggerFactory.Instance, AppContext.BaseDirectory);
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(_demo.Url) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _demo.DisposeAsync();
    }

    [Theory]
    [InlineData("/", 200, "no-store")]
    [InlineData("/fresh", 200, "max-age=60")]
    [InlineData("/validated", 200, "no-cache, max-age=60")]
    [InlineData("/stale-while-revalidate", 200, "max-age=5, stale-while-revalidate=60")]
    [InlineData("/stale-if-error", 200, "max-age=5, stale-if-error=60")]
    [InlineData("/varying", 200, "max-age=60")]
    [InlineData("/tagged", 200, "max-age=3600")]
    [InlineData("/ranged", 200, "max-age=60")]
    [InlineData("/ranged/file", 200, "max-age=3600")]
    [InlineData("/private", 200, "private, max-age=60")]
    [InlineData("/cookie", 200, "max-age=60")]
    [InlineData("/no-store", 200, "no-store")]
    [InlineData("/slow", 200, "max-age=10")]
    [InlineData("/failing", 500, null)]
    [InlineData("/streaming", 200, "max-age=30")]
    [InlineData("/redirect", 302, "max-age=60")]
    [InlineData("/not-found", 404, "max-age=10")]
    [InlineData("/no/such/page", 404, null)]
    public async Task Each_page_has_its_status_and_its_freshness(string path, int status, string? cacheControl)
    {
        using var response = await Get(path);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(cacheControl, One(response, "Cache-Control"));
        Assert.Equal("1", One(response, "Demo-Request"));
        Assert.Null(One(response, "Server"));
    }

    [Fact]
    public async Task The_first_page_links_every_page_and_a_plain_fresh_one_first()
    {
        var html = await Text("/");
        var links = Link().Matches(html).Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal("/fresh", links[0]);
        Assert.Equal(DemoOrigin.Pages.Select(page => page.Path), links);
        foreach (var link in links)
        {
            using var response = await Get(link);
            Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task Commands_name_the_host_that_the_client_used()
    {
        Assert.Contains("<code>curl -i http://shop.example:8080/fresh</code>", await Text("/", ("Host", "shop.example:8080")), StringComparison.Ordinal);
        Assert.Contains("<code>curl -i https://shop.example:8443/private</code>",
            await Text("/private", ("X-Forwarded-Host", "shop.example:8443"), ("X-Forwarded-Proto", "https")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forged_host_reaches_neither_the_markup_nor_the_shell()
    {
        var html = await Text("/fresh", ("X-Forwarded-Host", "a'$(id)`id`;<script>\""));
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.Contains("<code>curl -i http://aididscript/fresh</code>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_tells_when_it_was_made_and_how_often_it_was_asked_for()
    {
        Assert.Contains("<b>05:06:07</b>", await Text("/fresh"), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(3));
        using var second = await Get("/fresh");
        Assert.Contains("<b>05:06:10</b>", await second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("2", One(second, "Demo-Request"));
    }

    [Fact]
    public async Task Two_makings_of_the_fresh_page_have_two_entity_tags()
    {
        using var first = await Get("/fresh");
        using var second = await Get("/fresh");
        Assert.NotNull(first.Headers.ETag);
        Assert.NotEqual(first.Headers.ETag, second.Headers.ETag);
    }

    [Fact]
    public async Task The_validated_page_answers_304_until_its_version_changes()
    {
        using var first = await Get("/validated");
        var tag = first.Headers.ETag!.ToString();

        using var same = await Get("/validated", ("If-None-Match", $"\"other\", W/{tag}"));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal((tag, "no-cache, max-age=60", "2"), (same.Headers.ETag!.ToString(), One(same, "Cache-Control"), One(same, "Demo-Request")));

        _time.Advance(TimeSpan.FromMinutes(1));
        using var changed = await Get("/validated", ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.NotEqual(tag, changed.Headers.ETag!.ToString());
    }

    [Fact]
    public async Task Every_second_request_for_the_stale_if_error_page_fails_without_freshness()
    {
        for (var i = 0; i < 2; i++)
        {
            using var good = await Get("/stale-if-error");
            using var bad = await Get("/stale-if-error");
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (good.StatusCode, bad.StatusCode));
            Assert.Null(One(bad, "Cache-Control"));
        }
    }

    [Theory]
    [InlineData(null, "en")]
    [InlineData("de", "de")]
    [InlineData("fr-CA, en;q=0.5", "fr")]
    [InlineData("en;q=0.1, es", "es")]
    [InlineData("de;q=0, xx", "en")]
    public async Task The_varying_page_speaks_the_language_asked_for_and_says_what_it_varies_by(string? asked, string language)
    {
        using var response = asked is null ? await Get("/varying") : await Get("/varying", ("Accept-Language", asked));
        Assert.Equal(("Accept-Language", language), (One(response, "Vary"), One(response, "Content-Language")));
    }

    [Fact]
    public async Task The_tagged_page_carries_its_tags_in_both_spellings()
    {
        using var response = await Get("/tagged");
        Assert.Equal(("demo demo-tagged", "demo,demo-tagged"), (One(response, "Surrogate-Key"), One(response, "Cache-Tag")));
    }

    [Fact]
    public async Task The_file_is_whole_strongly_tagged_and_comes_in_parts()
    {
        using var whole = await Get("/ranged/file");
        Assert.Equal(("bytes", RangedFile.Length, "\"ranged-1\""), (One(whole, "Accept-Ranges"), whole.Content.Headers.ContentLength, whole.Headers.ETag!.ToString()));

        using var part = await Get("/ranged/file", ("Range", "bytes=1024-1055"));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal($"bytes 1024-1055/{RangedFile.Length}", One(part, "Content-Range"));
        Assert.Equal("0000000000400..\n0000000000410..\n", await part.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        using var none = await Get("/ranged/file", ("Range", "bytes=9999999-"));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, none.StatusCode);
    }

    [Fact]
    public async Task The_cookie_differs_each_time_and_no_other_page_sets_one()
    {
        using var first = await Get("/cookie");
        using var second = await Get("/cookie");
        Assert.NotNull(One(first, "Set-Cookie"));
        Assert.NotEqual(One(first, "Set-Cookie"), One(second, "Set-Cookie"));
        foreach (var page in DemoOrigin.Pages.Where(page => page.Path != "/cookie"))
        {
            using var other = await Get(page.Path);
            Assert.Null(One(other, "Set-Cookie"));
        }
    }

    [Fact]
    public async Task The_slow_page_takes_two_seconds()
    {
        using var _ = await Get("/slow");
        Assert.Equal([TimeSpan.FromSeconds(2)], _time.Waits);
    }

    [Fact]
    public async Task The_streaming_page_comes_in_ten_pieces_over_five_seconds_without_a_length()
    {
        using var response = await Get("/streaming");
        var html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.Headers.TransferEncodingChunked);
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromSeconds(0.5), 10), _time.Waits);
        Assert.Equal(10, html.Split("<li>piece ").Length - 1);
        Assert.EndsWith(DemoHtml.End, html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_redirect_leads_to_the_fresh_page()
    {
        using var response = await Get("/redirect");
        Assert.Equal("/fresh", One(response, "Location"));
    }

    [Fact]
    public async Task HEAD_has_the_fields_of_GET_and_other_methods_are_refused()
    {
        foreach (var page in DemoOrigin.Pages.Select(page => page.Path).Append("/"))
        {
            using var response = await Send(HttpMethod.Head, page);
            Assert.NotEqual(HttpStatusCode.MethodNotAllowed, response.StatusCode);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            Assert.NotNull(One(response, "Demo-Request"));
        }

        using var post = await Send(HttpMethod.Post, "/fresh");
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET, HEAD"), (post.StatusCode, string.Join(", ", post.Content.Headers.Allow)));
    }

    private static string? One(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) || response.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? string.Join('|', values)
            : null;

    private Task<HttpResponseMessage> Get(string path, params (string Name, string Value)[] fields) => Send(HttpMethod.Get, path, fields);

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in fields)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return await _client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<string> Text(string path, params (string Name, string Value)[] fields)
    {
        using var response = await Get(path, fields);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("href=\"(/[^\"]*)\"")]
    private static partial Regex Link();
}
