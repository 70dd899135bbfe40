using System.Text.Json;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Purges;

/// <summary>A purge reaches what it names and nothing else; what it does not clearly say purges nothing.</summary>
[Collection(PurgeCollection.Name)]
public class PurgeReachTests(PurgeEdge purge)
{
    [Theory]
    [InlineData("/reach/a/1", "", "/reach/a/1", "/reach/a/1?x, /reach/a/12, /reach/A/1")]
    [InlineData("/reach/b/x", "Purge-Scope: prefix", "/reach/b/x, /reach/b/x/y, /reach/b/xyz?q", "/reach/b/, /reach/b, /reach/B/x, /reach/other/reach/b/x")]
    [InlineData("/reach/c/%7Euser", "Purge-Scope: prefix", "/reach/c/~user/1, /reach/c/%7euser/2", "/reach/c/%257Euser")]
    [InlineData("/reach/d/x?q=1", "Purge-Scope: prefix", "/reach/d/x?q=1, /reach/d/x?q=12", "/reach/d/x, /reach/d/x?q=2")]
    public async Task By_URL_and_prefix_in_the_spelling_that_is_stored(string target, string field, string reached, string spared)
    {
        AnswerFresh();
        foreach (var page in (string[])[.. reached.Split(", "), .. spared.Split(", ")])
            await purge.StoreAsync(page);
        await purge.PurgeAsync(target, field.Length == 0 ? [] : [field]);
        foreach (var page in reached.Split(", "))
            Assert.False((await purge.Edge.GetAsync(page)).IsHit(), $"{page} was not reached");
        foreach (var page in spared.Split(", "))
            Assert.True((await purge.Edge.GetAsync(page)).IsHit(), $"{page} was reached");
    }

    [Fact]
    public async Task By_host_in_any_spelling_and_no_other_host()
    {
        AnswerFresh();
        foreach (var host in (string[])["one.test", "two.test", "sub.one.test", "one.test:8080"])
            await purge.StoreAsync("/reach/host", $"Host: {host}");
        Assert.Equal(200, (await purge.PurgeAsync("/whatever", "Host: ONE.test.", "Purge-Scope: host")).Status);
        Assert.False((await purge.Edge.GetAsync("/reach/host", "Host: one.test")).IsHit());
        foreach (var host in (string[])["two.test", "sub.one.test", "one.test:8080"])
            Assert.True((await purge.Edge.GetAsync("/reach/host", $"Host: {host}")).IsHit(), host);
    }

    [Fact]
    public async Task A_response_with_more_tags_than_are_kept_is_reached_by_a_purge_of_any_tag()
    {
        purge.Origin.On("/reach/64").Answer(Tagged(Tags(64)));
        purge.Origin.On("/reach/65").Answer(Tagged(Tags(65)));
        purge.Origin.On("/reach/long").Answer(Tagged(new string('x', 129)));
        foreach (var page in (string[])["/reach/64", "/reach/65", "/reach/long"])
            await purge.StoreAsync(page);
        await purge.PurgeAsync("/", "Surrogate-Key: nobody-has-this");
        Assert.True((await purge.Edge.GetAsync("/reach/64")).IsHit());
        Assert.False((await purge.Edge.GetAsync("/reach/65")).IsHit());
        Assert.False((await purge.Edge.GetAsync("/reach/long")).IsHit());
        await purge.PurgeAsync("/", "Surrogate-Key: tag-63");
        Assert.False((await purge.Edge.GetAsync("/reach/64")).IsHit());
    }

    [Theory]
    [InlineData("Purge-Scope: all")]
    [InlineData("Purge-Scope: Host")]
    [InlineData("Purge-Scope:")]
    [InlineData("Purge-Scope: host|Purge-Scope: everything")]
    [InlineData("Purge-Scope:|Purge-Scope: host")]
    [InlineData("Purge-Scope: host|Surrogate-Key: a")]
    [InlineData("X-Purge-Method: regex")]
    [InlineData("X-Purge-Method:")]
    [InlineData("X-Purge-Method: exact|Surrogate-Key: a")]
    [InlineData("X-Purge-Method: default|Purge-Scope: everything")]
    [InlineData("X-Purge-Method: exact|X-Purge-Method: default")]
    [InlineData("X-Purge-Tags: a")]
    [InlineData("X-Purge-Mode: regex")]
    [InlineData("Soft-Purge: yes")]
    [InlineData("Soft-Purge:")]
    [InlineData("Soft-Purge: 1|Soft-Purge: 1")]
    [InlineData("Soft-Purge: 1|Fastly-Soft-Purge: 0")]
    [InlineData("Soft-Purge: 0|Fastly-Soft-Purge: 1")]
    [InlineData("Soft-Purge: 1|Fastly-Soft-Purge: 2")]
    [InlineData("Cache-Tag: two words")]
    [InlineData("Surrogate-Key:")]
    public async Task What_is_not_clearly_said_is_refused_and_purges_nothing(string lines)
    {
        purge.Origin.On("/reach/refused").Answer(Tagged("a"));
        await purge.Edge.GetAsync("/reach/refused");
        var before = Position(await purge.PurgeAsync("/nothing"));
        Assert.Equal(400, (await purge.PurgeAsync("/reach/refused", lines.Split('|'))).Status);
        Assert.True((await purge.Edge.GetAsync("/reach/refused")).IsHit());
        Assert.Equal(before + 1, Position(await purge.PurgeAsync("/nothing")));
    }

    internal static long Position(RawAnswer answer)
    {
        Assert.Equal(200, answer.Status);
        using var json = JsonDocument.Parse(answer.Text);
        return json.RootElement.GetProperty("position").GetInt64();
    }

    private void AnswerFresh() => purge.Origin.Others.Answer(request => Answers.Ok(request.Target, "Cache-Control: max-age=600"));

    private static byte[] Tagged(string tags) => Answers.Ok("tagged", "Cache-Control: max-age=600", $"Surrogate-Key: {tags}");

    private static string Tags(int count) => string.Join(' ', Enumerable.Range(0, count).Select(i => $"tag-{i}"));
}
