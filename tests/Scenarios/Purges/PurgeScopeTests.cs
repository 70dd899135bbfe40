using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Purges;

/// <summary>Every shape of PURGE on the data port, on what is stored and on what is under way.</summary>
[Collection(PurgeCollection.Name)]
public class PurgeScopeTests(PurgeEdge purge)
{
    private static readonly byte[] Old = Bodies.Random(300_000, seed: 1);
    private static readonly byte[] New = Bodies.Random(300_000, seed: 2);

    public static TheoryData<string> Shapes => PurgeShape.Names;

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_purge_reaches_what_is_stored_in_all_its_variants(string name)
    {
        var shape = PurgeShape.Of(name, "stored");
        var version = 1;
        purge.Origin.On(shape.Page).Answer(request => Answers.Ok($"v{version} {request.Field("Accept-Language")}", Fields(shape, "Vary: Accept-Language")));
        foreach (var language in (string[])["de", "en"])
            await purge.StoreAsync(shape.Page, "Host: shapes.test", $"Accept-Language: {language}");
        version = 2;
        await shape.PurgeAsync(purge);
        foreach (var language in (string[])["de", "en"])
        {
            var answer = await purge.Edge.GetAsync(shape.Page, "Host: shapes.test", $"Accept-Language: {language}");
            Assert.Equal(($"v2 {language}", false), (answer.Text, answer.IsHit()));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_soft_purge_makes_it_stale_and_a_304_makes_it_fresh_again(string name)
    {
        var shape = PurgeShape.Of(name, "soft");
        purge.Origin.On(shape.Page).Answer(request => request.Field("If-None-Match") == "\"v1\""
            ? Answers.Head("304 Not Modified", "ETag: \"v1\"", "Cache-Control: max-age=600")
            : Answers.Ok("kept", Fields(shape, "ETag: \"v1\"")));
        await purge.StoreAsync(shape.Page, "Host: shapes.test");
        await shape.PurgeAsync(purge, "Soft-Purge: 1");
        var validated = await purge.Edge.GetAsync(shape.Page, "Host: shapes.test");
        Assert.Equal(("kept", false), (validated.Text, validated.IsHit()));
        Assert.Equal("\"v1\"", purge.Origin.Requests(shape.Page)[^1].Field("If-None-Match"));
        Assert.True((await purge.Edge.GetAsync(shape.Page, "Host: shapes.test")).IsHit());
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_fill_in_flight_never_survives_a_purge_P1(string name)
    {
        var shape = PurgeShape.Of(name, "flight");
        var (before, gate) = await StartOldAsync(shape);
        await using var _ = before;
        await shape.PurgeAsync(purge);
        gate.Open();

        // Who asked before the purge may have what it was asked for then, whole; nobody after it.
        var its = await before.ReadAnswerAsync();
        Assert.True(its.EndedCleanly && Old.AsSpan().SequenceEqual(its.Body), $"{name}: {its.Status} {its.End} {its.BodyLength}");
        var after = await GetAsync(shape);
        Assert.True(New.AsSpan().SequenceEqual(after.Body) && !after.IsHit(), $"{name}: the old response survived: {after.Fields}");
        var stored = await GetAsync(shape);
        Assert.True(New.AsSpan().SequenceEqual(stored.Body) && stored.IsHit(), $"{name}: {stored.Fields}");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Nobody_who_asks_after_a_purge_joins_a_fill_from_before_it_P1(string name)
    {
        var shape = PurgeShape.Of(name, "joined");
        var (before, gate) = await StartOldAsync(shape);
        await using var _ = before;
        await shape.PurgeAsync(purge);

        // The old fill still stands at its gate.
        var after = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => GetAsync(shape)));
        Assert.All(after, answer => Assert.True(New.AsSpan().SequenceEqual(answer.Body), $"{name}: {answer.Fields}"));
        gate.Open();
        Assert.Equal(Old, (await before.ReadAnswerAsync()).Body);
        var stored = await GetAsync(shape);
        Assert.True(New.AsSpan().SequenceEqual(stored.Body) && stored.IsHit(), $"{name}: the old response replaced the new one");
    }

    private Task<RawAnswer> GetAsync(PurgeShape shape) => purge.Edge.GetAsync(shape.Page, "Host: shapes.test");

    /// <summary>A client whose fill has half of the old body; the next fetch would get the new one.</summary>
    private async Task<(RawClient Client, Gate Gate)> StartOldAsync(PurgeShape shape)
    {
        var gate = new Gate();
        var old = Answers.Ok(Old, Fields(shape));
        purge.Origin.On(shape.Page).Answer(Script.CutAt(old, old.Length / 2).Wait(gate).Then(old[(old.Length / 2)..]), Answers.Ok(New, Fields(shape)));
        var client = await purge.Edge.ConnectAsync();
        await client.SendAsync(Requests.Text("GET", shape.Page, "Host: shapes.test"));
        await gate.Reached;
        await client.PeekHeadAsync();
        return (client, gate);
    }

    private static string[] Fields(PurgeShape shape, params string[] more) => ["Cache-Control: max-age=600", shape.Label, .. more];
}
