using System.Text.Json;
using DistCache.Edge.Tests.Kit;
using DistCache.Proxy.Purging;

namespace DistCache.Edge.Tests.CommandLine;

/// <summary><c>purge</c>, <c>purges</c> and <c>nodes</c>: what each asks for, what it says of the answer, and its exit code.</summary>
public sealed class PurgeVerbTests
{
    private const string Unwell = """{"title":"x","status":0,"detail":"Ask again."}""";

    [Theory]
    [InlineData("url https://a.example/b?c=1", "url:http://a.example/b?c=1 url:https://a.example/b?c=1")]
    [InlineData("tag one two", "tag:one tag:two")]
    [InlineData("prefix a.example/img/", "prefix:a.example/img/")]
    [InlineData("host a.example b.example:81", "host:a.example host:b.example:81")]
    [InlineData("all --confirm", "everything")]
    public async Task Each_purges_what_it_names_and_tells_it_in_words_or_in_json(string verb, string selected)
    {
        await using var node = await AdminNode.StartAsync();
        var (code, output, error) = await Verb.RunAsync(node.Address, ["purge", .. verb.Split(' ')]);
        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"^1  \S+Z  complete, hard, applied by \S+: " + System.Text.RegularExpressions.Regex.Escape(selected) + @" \(by \S+\)$", output);
        Assert.Equal(selected.Split(' ').Order(), node.Purged.Select(PurgeReceipt.Text).Order());

        (code, output, error) = await Verb.RunAsync(node.Address, ["purge", .. verb.Split(' '), "--soft", "--json"]);
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(output);
        Assert.Equal((2, "complete", "soft"), (json.RootElement.GetProperty("position").GetInt32(), json.RootElement.GetProperty("status").GetString(), json.RootElement.GetProperty("mode").GetString()));
        Assert.Equal(selected.Split(' '), json.RootElement.GetProperty("selectors").EnumerateArray().Select(selector => selector.GetString()));

        Assert.Equal((0, """{"dryRun":true,"responses":0,"bytes":0}""", ""), await Verb.RunAsync(node.Address, ["purge", .. verb.Split(' '), "--dry-run", "--json"]));
        Assert.Equal(2, node.Purges.Position);
    }

    [Fact]
    public async Task The_lists_are_told_in_words_and_in_json()
    {
        await using var node = await AdminNode.StartAsync();
        Assert.Equal((0, "No purges since the start.", ""), await Verb.RunAsync(node.Address, "purges"));
        await Verb.RunAsync(node.Address, "purge", "tag", "one");
        await Verb.RunAsync(node.Address, "purge", "tag", "two");
        var (code, output, error) = await Verb.RunAsync(node.Address, "purges");
        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"^2  .*: tag:two .*\r?\n1  .*: tag:one ", output);
        using var purges = JsonDocument.Parse((await Verb.RunAsync(node.Address, "purges", "--limit", "1", "--json")).Output);
        Assert.Equal(2, Assert.Single(purges.RootElement.GetProperty("items").EnumerateArray()).GetProperty("position").GetInt32());

        Assert.Matches(@"ready  position 2  \S+$", (await Verb.RunAsync(node.Address, "nodes")).Output);
        using var nodes = JsonDocument.Parse((await Verb.RunAsync(node.Address, "nodes", "--json")).Output);
        Assert.Equal(("ready", 2), (nodes.RootElement.GetProperty("nodes")[0].GetProperty("state").GetString(), nodes.RootElement.GetProperty("nodes")[0].GetProperty("position").GetInt32()));
    }

    [Theory]
    [InlineData(200, "complete", "all", 0)]
    [InlineData(202, "pending", "all", 3)]
    [InlineData(202, "superseded", "all", 3)]
    [InlineData(200, "region", "region", 0)]
    [InlineData(202, "pending", "region", 3)]
    [InlineData(202, "pending", "none", 0)] // nobody's word was wanted
    public async Task The_exit_code_says_whether_all_that_were_waited_for_have_applied_it(int answered, string status, string wait, int expected)
    {
        await using var port = await AdminAnswers.StartAsync((answered, Purge(status)));
        var (code, output, error) = await Verb.RunAsync(port.Address, "purge", "tag", "a", "--wait", wait, "--timeout", "7s");
        Assert.Equal((expected, ""), (code, error));
        Assert.Contains($"{status}, hard, applied by a", output, StringComparison.Ordinal);
        Assert.Equal([$$"""POST /api/v1/purges {"tags":["a"],"everything":false,"confirm":false,"wait":"{{wait}}","timeout":"7s","dryRun":false}"""], port.Asked); // a script's: one request
    }

    [Theory]
    [InlineData(400, 2)]
    [InlineData(401, 2)]
    [InlineData(403, 2)]
    [InlineData(404, 2)]
    [InlineData(409, 1)]
    [InlineData(413, 2)]
    [InlineData(422, 2)]
    [InlineData(429, 1)]
    [InlineData(500, 1)]
    [InlineData(503, 1)]
    public async Task What_may_be_well_the_next_time_is_told_apart_from_what_must_be_put_right(int status, int expected)
    {
        await using var port = await AdminAnswers.StartAsync((status, Unwell));
        foreach (var verb in (string[])["purge tag a", "purge url http://a/", "purge prefix a/", "purge host a", "purge all --confirm", "purge tag a --dry-run", "purge tag a --json", "purges", "nodes", "nodes --json", "node forget a"])
            Assert.Equal((expected, "", "Ask again."), await Verb.RunAsync(port.Address, looksOn: true, verb.Split(' ')));
    }

    [Fact]
    public async Task A_node_that_is_starting_is_asked_again_and_not_put_right()
    {
        await using var node = await AdminNode.StartAsync();
        node.State.Purges = null;
        Assert.Equal((1, "", "The node is starting. Ask again when /readyz says ready."), await Verb.RunAsync(node.Address, "purge", "tag", "a"));
    }

    [Theory]
    [InlineData("all", "complete")]
    [InlineData("region", "region")]
    public async Task Who_looks_on_is_told_how_far_it_is(string wait, string status)
    {
        await using var port = await AdminAnswers.StartAsync((202, Purge("pending")), (200, Purge("pending")), (200, Purge(status)));
        var (code, output, error) = await Verb.RunAsync(port.Address, looksOn: true, "purge", "tag", "a", "--wait", wait);
        Assert.Equal((0, "\r1 of 2 nodes have applied it \r1 of 2 nodes have applied it"), (code, error));
        Assert.Contains($"{status}, hard, applied by a", output, StringComparison.Ordinal);
        Assert.Contains("\"wait\":\"none\"", port.Asked[0], StringComparison.Ordinal); // it waits itself
        Assert.Equal([$"GET /api/v1/purges/1?wait={wait}", $"GET /api/v1/purges/1?wait={wait}"], port.Asked.Skip(1));
    }

    [Theory]
    [InlineData("all")]
    [InlineData("region")]
    public async Task Who_looks_on_for_as_long_as_was_said_gets_the_code_of_a_pending_purge(string wait)
    {
        await using var port = await AdminAnswers.StartAsync((202, Purge("pending")));
        var (code, output, error) = await Verb.RunAsync(port.Address, looksOn: true, "purge", "tag", "a", "--wait", wait, "--timeout", "150ms");
        Assert.Equal((3, "\r1 of 2 nodes have applied it"), (code, error));
        Assert.Contains("pending b (its lease ends in 4.5 s)", output, StringComparison.Ordinal);
    }

    private static string Purge(string status) =>
        $$"""{"position":1,"id":"0","status":"{{status}}","mode":"hard","at":"2026-01-01T00:00:00Z","by":"me","applied":["a"],"pending":[{"node":"b","region":"far","leaseEndsIn":4.5}],"selectors":["tag:a"]}""";
}
