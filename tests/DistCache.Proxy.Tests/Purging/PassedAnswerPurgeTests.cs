using DistCache.Proxy.Purging;
using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Purging;

/// <summary>What is copied on its way through knows the tags that its policy gives it, as a fill's answer does: a purge that overtakes it reaches it.</summary>
public sealed class PassedAnswerPurgeTests
{
    private const string Fresh = "Cache-Control: max-age=60";
    private static readonly Dictionary<string, string?> Tagged = new() { ["DistCache:Policies:default:Tags"] = "site" };

    [Fact] // rule 44
    public async Task A_range_that_a_purge_of_the_policys_tag_overtakes_is_not_stored()
    {
        await using var edge = await EdgeInProcess.StartAsync(maxObjectSize: 1000, more: Tagged);
        var gate = new Gate();
        var asked = 0;
        edge.Origin.On("/a").Answer(request => request.Field("Range") is null
            ? Script.Bytes(Answers.Ok(new string('x', 2000), Fresh, "ETag: \"1\"")) // too large: ranges of it pass from now on
            : ++asked == 1 ? new Script().Wait(gate).Then(Part("old--")) : Script.Bytes(Part("new--")));
        await edge.GetAsync("/a");
        var before = edge.GetAsync("/a", "Range: bytes=0-4");
        await gate.Reached;
        await PurgeTagAsync(edge);
        gate.Open();
        Assert.Equal("old--", (await before).Text); // it came before the purge
        Assert.Equal("new--", (await edge.GetAsync("/a", "Range: bytes=0-4")).Text);
        Assert.Equal("new--", (await edge.GetAsync("/a", "Range: bytes=0-4")).Text);
        Assert.Equal(2, asked); // the second one is stored

        static byte[] Part(string text) => Answers.WithLength("206 Partial Content", Latin1.Bytes(text), Fresh, "ETag: \"1\"", "Content-Range: bytes 0-4/2000");
    }

    [Fact] // RFC 9110 §9.3.3, rule 10
    public async Task The_answer_to_a_POST_that_a_purge_of_the_policys_tag_overtakes_serves_no_later_GET()
    {
        await using var edge = await EdgeInProcess.StartAsync(more: Tagged);
        var gate = new Gate();
        edge.Origin.On("/a").Answer(request => request.Method == "POST"
            ? new Script().Wait(gate).Then(Answers.Ok("old", Fresh, "Content-Location: http://test/a"))
            : Script.Bytes(Answers.Ok("new", Fresh)));
        var before = edge.RequestAsync("POST", "/a", "Content-Length: 0");
        await gate.Reached;
        await PurgeTagAsync(edge);
        gate.Open();
        Assert.Equal("old", (await before).Text);
        Assert.Equal("new", (await edge.GetAsync("/a")).Text);
    }

    private static async Task PurgeTagAsync(EdgeInProcess edge)
    {
        var purges = edge.Services.GetRequiredService<Purges>();
        var receipt = await purges.ApplyAsync([new PurgeSelector(PurgeScope.Tag, "site")], PurgeMode.Hard, "test");
        Assert.True((await purges.WaitAsync(receipt!, null, TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken)).IsComplete);
    }
}
