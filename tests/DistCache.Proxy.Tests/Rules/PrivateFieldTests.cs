using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Qualified private and no-cache: their fields are stored for nobody, and still reach the user whose answer they came with (RFC 9111 §5.2.2.4, §5.2.2.7).</summary>
public sealed class PrivateFieldTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    [Theory]
    [InlineData("private=\"X-Account\"")]
    [InlineData("no-cache=\"X-Account\"")]
    public async Task Rule_19_a_qualified_field_reaches_its_own_client_only(string directive)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Stored($"Cache-Control: max-age=60, {directive}|X-Account: 7|X-Account: 8|X-Other: 1");
            var first = await row.GetAsync();
            Assert.Equal(["7", "8"], first.Fields.All("X-Account"));
            var second = await row.GetAsync();
            Assert.Equal((1, "1"), (row.Asked.Count, second.Field("X-Other")));
            Assert.Null(second.Field("X-Account"));
        }
    }

    [Fact]
    public async Task Rule_15_a_cookie_that_only_its_user_may_reuse_reaches_that_user()
    {
        var row = edges.Row("rfc9111");
        row.Stored("Cache-Control: max-age=60, no-cache=\"Set-Cookie\"|Set-Cookie: node=3");
        Assert.Equal("node=3", (await row.GetAsync()).Field("Set-Cookie"));
        Assert.Null((await row.GetAsync()).Field("Set-Cookie"));
        Assert.Single(row.Asked);
    }

    [Fact]
    public async Task Who_reads_along_gets_what_is_everybodys()
    {
        var row = edges.Row("safe");
        var gate = new Gate();
        row.Edge.Origin.On(row.Target).Answer(new Script().Then(Answers.Head("200 OK", row.Lines("Cache-Control: max-age=60, private=\"X-Account\"|X-Account: 7|Content-Length: 3"))).Then("on").Wait(gate).Then("e"));
        var leader = row.GetAsync();
        await gate.Reached;
        await using var follower = await row.Edge.ConnectAsync();
        await follower.SendAsync($"GET {row.Target} HTTP/1.1\r\nHost: test\r\n\r\n");
        await follower.PeekHeadAsync();
        gate.Open();
        Assert.Equal("7", (await leader).Field("X-Account"));
        var along = await follower.ReadAnswerAsync();
        Assert.Contains("; collapsed", along.Field("Cache-Status"));
        Assert.Null(along.Field("X-Account"));
        Assert.Single(row.Asked);
    }
}
