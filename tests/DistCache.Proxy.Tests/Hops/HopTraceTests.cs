using System.Collections.Concurrent;
using System.Diagnostics;
using DistCache.Proxy.Telemetry;
using DistCache.Proxy.Tests.Hops.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Hops;

/// <summary>Whoever listens to spans hears of all edges of the process, and hits go another way meanwhile: no other test runs beside these.</summary>
[CollectionDefinition(nameof(TraceCollection), DisableParallelization = true)]
public sealed class TraceCollection;

/// <summary>What a trace shows of a request that two nodes answer together.</summary>
[Collection(nameof(TraceCollection))]
public sealed class HopTraceTests : IDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = "b7ad6b7169203331";

    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public HopTraceTests()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == EdgeMeter.Name,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_hop_is_a_span_linked_with_its_request_and_what_the_other_node_does_is_below_it()
    {
        var (tiers, _, edge) = await Tiers.StartAsync();
        await using var __ = tiers;
        tiers.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=60"));
        Assert.Equal("one", (await edge.GetAsync("/a?secret", $"traceparent: 00-{Trace}-{Parent}-01", "tracestate: of=client")).Text);
        await EndedAsync("fill", "hop", "request", "request");

        var hop = The("hop");
        var asker = _ended.Single(span => span.TraceId.ToHexString() == Trace);
        var shield = _ended.Single(span => span.OperationName == "request" && span != asker);
        Assert.Equal(Parent, asker.ParentSpanId.ToHexString());
        Assert.Equal((ActivityKind.Client, default, asker.Context), (hop.Kind, hop.ParentSpanId, Assert.Single(hop.Links).Context));
        Assert.Equal(hop.Context, Assert.Single(asker.Links).Context);
        Assert.Equal((hop.TraceId, hop.SpanId), (shield.TraceId, shield.ParentSpanId));
        Assert.Equal(shield.Context, Assert.Single(The("fill").Links).Context);
        Assert.Equal(("eu-1", 200, "/a", ActivityStatusCode.Unset), (hop.GetTagItem("distcache.destination"), hop.GetTagItem("http.response.status_code"), hop.GetTagItem("url.path"), hop.Status));
    }

    [Fact]
    public async Task A_hop_that_gives_no_answer_says_why_and_the_fill_that_does_is_the_request_s()
    {
        await using var tiers = new Tiers();
        await tiers.StartAsync("eu", "eu-1", ("DistCache:Node:DataAddress", $"http://127.0.0.1:{Ports.Free()}")); // nobody is there
        var edge = await tiers.StartAsync("us", "us-1");
        await tiers.ReadyAsync();
        tiers.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=60"));
        Assert.Equal("one", (await edge.GetAsync("/a")).Text);
        await EndedAsync("fill", "hop", "request");

        Assert.Equal((ActivityStatusCode.Error, "unreachable"), (The("hop").Status, The("hop").GetTagItem("error.type")));
        Assert.Equal(The("fill").Context, Assert.Single(The("request").Links).Context);
    }

    private Activity The(string name) => _ended.Single(span => span.OperationName == name);

    /// <summary>A span ends a little later than the answer that it is of.</summary>
    private Task EndedAsync(params string[] names) =>
        Eventually.TrueAsync(() => _ended.Select(span => span.OperationName).Order().SequenceEqual(names), () => string.Join(", ", _ended.Select(span => span.OperationName)));
}
