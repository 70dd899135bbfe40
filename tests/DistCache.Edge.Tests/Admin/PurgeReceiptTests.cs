using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Admin.Purging;
using DistCache.Edge.CommandLine;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Admin;

/// <summary>Who has purged may see what became of it, and a question that fails does not undo the purge.</summary>
public sealed class PurgeReceiptTests
{
    private static readonly (string Key, string Hash) Purger = ApiKey.Make();
    private static readonly (string Key, string Hash) Everything = ApiKey.Make();
    private static readonly (string Key, string Hash) Reader = ApiKey.Make();

    private static readonly ApiKeys Keys = new(
    [
        new("purger", ApiKey.HashOf(Purger.Key), Scope.Purge), new("everything", ApiKey.HashOf(Everything.Key), Scope.PurgeEverything), new("reader", ApiKey.HashOf(Reader.Key), Scope.Read),
    ]);

    [Fact]
    public async Task A_key_that_may_only_purge_sees_its_own_purges_and_no_others()
    {
        await using var node = await AdminNode.StartAsync(Keys);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(node, Purger.Key, """{"tags":["a"]}"""));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(node, Everything.Key, """{"everything":true,"confirm":true}"""));
        foreach (var (key, path, status) in new[]
        {
            (Purger.Key, "/1", HttpStatusCode.OK),
            (Purger.Key, "/2", HttpStatusCode.Forbidden),
            (Purger.Key, "/3", HttpStatusCode.NotFound),
            (Purger.Key, "", HttpStatusCode.Forbidden),
            (Everything.Key, "/2", HttpStatusCode.OK),
            (Everything.Key, "/1", HttpStatusCode.Forbidden),
            (Reader.Key, "/1", HttpStatusCode.OK),
            ("dc_none", "/1", HttpStatusCode.Unauthorized),
        })
        {
            using var client = Client(node, key);
            using var answer = await client.GetAsync(PurgeEndpoints.Path + path, TestContext.Current.CancellationToken);
            Assert.True(status == answer.StatusCode, $"{path}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task The_verb_waits_with_the_key_that_it_has_purged_with()
    {
        await using var node = await AdminNode.StartAsync(Keys);
        await PostAsync(node, Purger.Key, """{"tags":["a"]}""");
        var error = new StringWriter();
        var answer = await PurgeVerb.WaitAsync(new(node.Address.ToString(), Purger.Key, TimeProvider.System), Pending(1), new() { Timeout = "5s" }, error, TestContext.Current.CancellationToken);
        Assert.Equal("complete", JsonDocument.Parse(answer).RootElement.GetProperty("status").GetString());
        Assert.DoesNotContain("cannot be asked", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_that_fails_leaves_the_purge_taken_and_pending()
    {
        await using var node = await AdminNode.StartAsync(Keys);
        await PostAsync(node, Everything.Key, """{"everything":true,"confirm":true}""");
        var error = new StringWriter();
        var answer = await PurgeVerb.WaitAsync(new(node.Address.ToString(), Purger.Key, TimeProvider.System), Pending(1), new() { Timeout = "5s" }, error, TestContext.Current.CancellationToken);
        Assert.Equal(Pending(1), answer);
        Assert.Contains("The purge is taken, but how far it is cannot be asked: The key 'purger' lacks the scope read, and the purge at position 1 is not its own.", error.ToString(), StringComparison.Ordinal);
    }

    private static string Pending(long position) =>
        $$"""{"position":{{position}},"id":"0","status":"pending","mode":"hard","at":"2026-01-01T00:00:00Z","by":"purger","applied":["a"],"pending":[{"node":"b","region":"local"}],"selectors":["tag:a"]}""";

    private static HttpClient Client(AdminNode node, string key)
    {
        var client = new HttpClient { BaseAddress = node.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    private static async Task<HttpStatusCode> PostAsync(AdminNode node, string key, string body)
    {
        using var client = Client(node, key);
        using var answer = await client.PostAsync(PurgeEndpoints.Path, new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
