using DistCache.Scenarios.Wire;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>A9: what an origin says about variants is wrong, or too much. One site's permission never answers another, and a URL has 64 variants at most.</summary>
public class VariantTests(WireEdge wire) : IClassFixture<WireEdge>
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData("Origin: https://a.example", "Origin: https://b.example")]
    [InlineData("Origin: null", "Origin: https://b.example")]
    [InlineData("Origin: https://A.example", "Origin: https://b.example")]
    public async Task A_permission_that_reflects_Origin_without_Vary_answers_no_other_site(string first, string second)
    {
        var target = $"/reflected/{Math.Abs((first + second).GetHashCode(StringComparison.Ordinal))}";
        wire.Origin.On(target).Answer(Reflect);
        await wire.RunAsync(async () =>
        {
            foreach (var line in (string[])[first, second, first, second])
                Assert.Equal(line["Origin: ".Length..], (await wire.Edge.GetAsync(target, line)).Field("Access-Control-Allow-Origin"));
        });
        Assert.Equal(2, wire.Origin.Requests(target).Count); // Keyed, not refused: each is stored.
    }

    [Fact]
    public async Task A_client_without_Origin_gets_no_sites_permission()
    {
        const string target = "/reflected/none";
        wire.Origin.On(target).Answer(Reflect);
        await wire.RunAsync(async () =>
        {
            await wire.Edge.GetAsync(target, "Origin: https://a.example");
            Assert.Null((await wire.Edge.GetAsync(target)).Field("Access-Control-Allow-Origin"));
        });
    }

    [Fact]
    public async Task A_304_for_one_site_gives_another_sites_permission_to_nobody()
    {
        const string target = "/reflected/validated";
        wire.Origin.On(target).Answer(request => request.Field("If-None-Match") is null
            ? Reflect(request)
            : Answers.Head("304 Not Modified", "ETag: \"same\"", "Cache-Control: max-age=60"));
        await wire.RunAsync(async () =>
        {
            foreach (var origin in (string[])["https://a.example", "https://b.example", "https://c.example"])
                Assert.Equal(origin, (await wire.Edge.GetAsync(target, $"Origin: {origin}")).Field("Access-Control-Allow-Origin"));
        });
    }

    [Fact]
    public async Task Of_a_crowd_from_many_sites_on_a_cold_URL_each_gets_its_own_permission()
    {
        const string target = "/reflected/crowd";
        var gate = new Gate();
        wire.Origin.On(target).Answer(request => new Script().Wait(gate).Then(ReflectBytes(request)));
        await wire.RunAsync(async () =>
        {
            var asked = Enumerable.Range(0, 30).Select(i => wire.Edge.GetAsync(target, $"Origin: https://{i % 10}.example")).ToArray();
            await gate.Reached;
            gate.Open();
            foreach (var (i, answer) in (await Task.WhenAll(asked)).Index())
                Assert.Equal($"https://{i % 10}.example", answer.Field("Access-Control-Allow-Origin"));
        });
    }

    [Theory]
    [InlineData("Vary: *")]
    [InlineData("Vary: Accept, *")]
    [InlineData("Vary: X(")]
    public async Task A_Vary_that_cannot_be_matched_is_never_shared(string vary)
    {
        var target = $"/star/{Uri.EscapeDataString(vary)}";
        wire.Origin.On(target).Answer(request => Answers.Ok($"for {request.Field("X-User")}", "Cache-Control: max-age=60", vary));
        await wire.RunAsync(async () =>
        {
            foreach (var user in (string[])["a", "b", "a"])
                Assert.Equal($"for {user}", (await wire.Edge.GetAsync(target, $"X-User: {user}")).Text);
        });
    }

    [Fact]
    public async Task Ten_thousand_values_of_a_field_in_Vary_leave_64_variants_and_bounded_memory()
    {
        const string target = "/explosion";
        var values = LongForm.Asked ? 10_000 : 1_500;
        var body = new string('v', 16 * 1024);
        wire.Origin.On(target).Answer(request => Answers.Ok($"{request.Field("X-Value")} {body}", "Cache-Control: max-age=600", "Vary: X-Value"));
        await wire.RunAsync(async () =>
        {
            await using var client = await wire.Edge.ConnectAsync();
            await AskAsync(client, 0, 200); // What the process takes at first is no leak.
            var before = wire.Edge.Process.ResidentBytes;
            await AskAsync(client, 200, values);
            Assert.InRange(wire.Edge.Process.ResidentBytes - before, long.MinValue, 50 * MiB);

            var asked = wire.Origin.Requests(target).Count;
            await AskAsync(client, 0, values / 10); // The oldest are gone ...
            Assert.Equal(values / 10, wire.Origin.Requests(target).Count - asked);
            var hits = 0;
            for (var i = 0; i < values / 10; i++) // ... and of the newest at most 64 are there.
                hits += (await client.GetAsync(target, $"X-Value: {i}")).IsHit() ? 1 : 0;
            Assert.InRange(hits, 0, 64);
        });

        async Task AskAsync(RawClient client, int from, int to)
        {
            for (var i = from; i < to; i++)
                Assert.StartsWith($"{i} v", (await client.GetAsync(target, $"X-Value: {i}")).Text, StringComparison.Ordinal);
        }
    }

    private static Script Reflect(OriginRequest request) => ReflectBytes(request);

    private static byte[] ReflectBytes(OriginRequest request) => request.Field("Origin") is { } origin
        ? Answers.Ok("data", "Cache-Control: max-age=60", "ETag: \"same\"", $"Access-Control-Allow-Origin: {origin}", "Access-Control-Allow-Credentials: true")
        : Answers.Ok("data", "Cache-Control: max-age=60", "ETag: \"same\"");
}
