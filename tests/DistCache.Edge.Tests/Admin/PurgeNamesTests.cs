using System.Net;
using System.Text;
using DistCache.Edge.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;

namespace DistCache.Edge.Tests.Admin;

/// <summary>What is acknowledged is what was named: nothing else, and nothing of it left out.</summary>
public sealed class PurgeNamesTests
{
    [Theory]
    // RFC 3986 §2.4: escapes are decoded once.
    [InlineData("/service/s/purge/cat%2Fshoes", "cat/shoes")]
    [InlineData("/service/s/purge/cat%2fshoes?x=/y", "cat/shoes")]
    [InlineData("/service/s/purge/cat%252Fshoes", "cat%2Fshoes")]
    [InlineData("/service/s/purge/50%25/", "50%")]
    [InlineData("/service/s/purge/a%3Ab", "a:b")]
    [InlineData("/service/s/purge/a/../b", "b")]
    // Each line is a list of its own, separated by spaces: no comma comes between.
    [InlineData("/service/s/purge", "a b c", "Surrogate-Key: a b", "Surrogate-Key: c")]
    [InlineData("/service/s/purge", "a,b c", "Surrogate-Key: a,b", "Surrogate-Key:", "Surrogate-Key: c")]
    public async Task Fastlys_keys_are_read_as_they_were_written(string target, string tags, params string[] fields)
    {
        await using var node = await AdminNode.StartAsync();
        Assert.Equal(200, await PostAsync(node, target, fields));
        Assert.Equal(tags.Split(' '), node.Purged.Select(selector => selector.Value));
        Assert.All(node.Purged, selector => Assert.Equal(PurgeScope.Tag, selector.Scope));
    }

    [Theory]
    [InlineData("/service/s/purge/b/.")]
    [InlineData("/service/s/purge/b/c/..")]
    [InlineData("/service/s/purge/%20")]
    [InlineData("/service/s/purge/a%20b")]
    [InlineData("/service/s/purge/%C3%A9")]
    public async Task A_path_that_names_no_key_purges_nothing(string target)
    {
        await using var node = await AdminNode.StartAsync();
        Assert.Equal(400, await PostAsync(node, target));
        Assert.Empty(node.Purged);
    }

    [Fact]
    public async Task Fastlys_keys_in_the_field_and_in_the_body_are_all_purged()
    {
        await using var node = await AdminNode.StartAsync();
        using var client = new HttpClient { BaseAddress = node.Address };
        client.DefaultRequestHeaders.Add("Surrogate-Key", "a b");
        using var answer = await client.PostAsync("/service/s/purge", new StringContent("""{"surrogate_keys":["c"]}""", Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["a", "b", "c"], node.Purged.Select(selector => selector.Value));
    }

    /// <summary>RFC 8259 §4: of two members with one name most readers take the last, and the first list would stay.</summary>
    [Theory]
    [InlineData("/api/v1/purges", """{"tags":["a"],"tags":["b"]}""")]
    [InlineData("/api/v1/purges", """{"tags":["a"],"Tags":["b"]}""")]
    [InlineData("/api/v1/purge_cache", """{"tags":["a"],"tags":["b"]}""")]
    [InlineData("/api/v1/purge_cache", """{"files":[{"url":"http://a/","url":"http://b/"}]}""")]
    [InlineData("/service/s/purge", """{"surrogate_keys":["a"],"surrogate_keys":["b"]}""")]
    public async Task A_member_that_is_there_twice_is_refused(string path, string body)
    {
        await using var node = await AdminNode.StartAsync();
        using var client = new HttpClient { BaseAddress = node.Address };
        using var answer = await client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.BadRequest, true), (answer.StatusCode, text.Contains("is there twice", StringComparison.Ordinal)));
        Assert.Empty(node.Purged);
    }

    /// <summary>As it is on the wire: a client library would change the target.</summary>
    private static async Task<int> PostAsync(AdminNode node, string target, params string[] fields)
    {
        await using var client = await RawClient.ConnectAsync(node.Address);
        return (await client.RequestAsync("POST", target, [$"Host: {node.Address.Authority}", "Content-Length: 0", .. fields])).Status;
    }
}
