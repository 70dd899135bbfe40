using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>
/// An answer of 4 KB is cut at every offset. No client may take it for whole, nothing of it may be stored, and the next GET fetches
/// anew (RFC 9111 §3.3, RFC 9112 §8).
/// </summary>
public class CutAnswerTests
{
    private const int Workers = 12;
    private static readonly byte[] Body = Bodies.Random(4096);

    [Theory]
    [InlineData(Framing.Length, Cut.Fin)]
    [InlineData(Framing.Length, Cut.Reset)]
    [InlineData(Framing.Chunked, Cut.Fin)]
    [InlineData(Framing.Chunked, Cut.Reset)]
    public async Task An_HTTP1_answer_cut_at_any_offset_never_looks_whole(Framing framing, Cut cut)
    {
        var whole = framing == Framing.Length
            ? Answers.Ok(Body, "Cache-Control: max-age=60")
            : Answers.Chunked(Body, chunkSize: 1000, "Cache-Control: max-age=60");
        await using var origin = ScriptOrigin.Start();
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Origin = origin.Url, Preset = "rfc9111", Tls = true });
        var rounds = new CutRounds(edge, Body, target => origin.Requests(target).Count);
        origin.Others.Answer(request => rounds.Plan(request.Target) is { } plan
            ? End(Script.CutAt(whole, plan.Offset).Wait(plan.Gate), cut)
            : whole);
        var firstByte = whole.AsSpan().IndexOf("\r\n\r\n"u8) + 4 + (framing == Framing.Length ? 0 : "3e8\r\n".Length);
        await rounds.RunAsync(Enumerable.Range(0, whole.Length), firstByte + 1, _ => "", Workers);
    }

    [Theory]
    [InlineData(Http2Cut.ResetStream)]
    [InlineData(Http2Cut.GoAway)]
    [InlineData(Http2Cut.Fin)]
    public async Task An_HTTP2_answer_cut_at_any_offset_never_looks_whole(Http2Cut cut)
    {
        // GOAWAY takes all streams of its connection with it: each worker has an origin of its own.
        var origins = Enumerable.Range(0, Workers).Select(_ => ScriptHttp2Origin.Start()).ToArray();
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Configuration = EdgeConfiguration.ByPrefix([.. origins.Select(origin => origin.Url)], "rfc9111", http2: true),
            Tls = true,
        });
        var rounds = new CutRounds(edge, Body, target => origins.Sum(origin => origin.Requests(target).Count));
        foreach (var origin in origins)
            origin.Others.Answer(request => rounds.Plan(request.Target) is { } plan ? CutScript(plan, cut) : Whole(plan: null));

        // All 4096 bytes without END_STREAM are cut as well.
        await rounds.RunAsync(Enumerable.Range(0, Body.Length + 1), firstShown: 1, worker => $"/{worker}", Workers);
        foreach (var origin in origins)
            await origin.DisposeAsync();
    }

    private static Script End(Script script, Cut cut) => cut == Cut.Fin ? script.Fin() : script.Reset();

    private static Http2Script Whole(CutPlan? plan) => Head(plan).Data(Body).End();

    /// <summary>With and without Content-Length in turn: END_STREAM alone must be enough to tell.</summary>
    private static Http2Script Head(CutPlan? plan) => plan is { Offset: var offset } && offset % 2 == 0
        ? new Http2Script().Head(200, "cache-control: max-age=60")
        : new Http2Script().Head(200, "cache-control: max-age=60", $"content-length: {Body.Length}");

    private static Http2Script CutScript(CutPlan plan, Http2Cut cut)
    {
        var script = Head(plan).Data(Body[..plan.Offset]).Wait(plan.Gate);
        return cut switch
        {
            Http2Cut.ResetStream => script.ResetStream(plan.Offset % 3 == 0 ? Http2Error.NoError : Http2Error.InternalError),
            Http2Cut.GoAway => script.GoAway(Http2Error.InternalError).CloseConnection(),
            _ => script.CloseConnection(),
        };
    }

    public enum Framing
    {
        Length,
        Chunked,
    }

    public enum Cut
    {
        Fin,
        Reset,
    }

    public enum Http2Cut
    {
        ResetStream,
        GoAway,
        Fin,
    }
}
