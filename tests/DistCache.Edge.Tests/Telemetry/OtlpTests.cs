using System.Text;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Telemetry;

/// <summary>What a real edge pushes to an OTLP receiver (field numbers: opentelemetry/proto/trace/v1/trace.proto).</summary>
public sealed class OtlpTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task The_fill_is_a_span_of_its_own_linked_with_its_request_and_metrics_are_pushed()
    {
        await using var receiver = new OtlpReceiver();
        await using var program = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0"], [.. receiver.Environment, ("DistCache__Node__Id", "ams-1")]);
        using var client = new HttpClient();
        foreach (var parent in new[] { "b7ad6b7169203331", "b7ad6b7169203332" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(program.Data[0], "/fresh?secret=1")) { Headers = { { "traceparent", $"00-{Trace}-{parent}-01" } } };
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        // It flushes what it has before it ends.
        program.Signal("TERM");
        Assert.Equal(0, await program.ExitAsync());
        var spans = receiver.Of("/v1/traces").SelectMany(body => new ProtobufMessage(body).Messages(1)).SelectMany(resource => resource.Messages(2)).SelectMany(scope => scope.Messages(2)).ToArray();
        var fill = Assert.Single(spans, span => span.Text(5) == "fill");
        var requests = spans.Where(span => span.Hex(1) == Trace).ToDictionary(span => span.Hex(4));
        Assert.Equal(["b7ad6b7169203331", "b7ad6b7169203332"], requests.Keys.Order());
        var miss = requests["b7ad6b7169203331"];

        Assert.NotEqual(Trace, fill.Hex(1));
        Assert.Equal("", fill.Hex(4));
        Assert.Equal((miss.Hex(1), miss.Hex(2)), Assert.Single(fill.Messages(13).Select(link => (link.Hex(1), link.Hex(2)))));
        Assert.Equal((fill.Hex(1), fill.Hex(2)), Assert.Single(miss.Messages(13).Select(link => (link.Hex(1), link.Hex(2)))));
        Assert.Empty(requests["b7ad6b7169203332"].Messages(13));
        Assert.Equal("hit", Tag(requests["b7ad6b7169203332"], "distcache.cache_status"));
        Assert.DoesNotContain(receiver.Of("/v1/traces"), body => Encoding.Latin1.GetString(body).Contains("secret", StringComparison.Ordinal));

        var resource = receiver.Of("/v1/traces").SelectMany(body => new ProtobufMessage(body).Messages(1)).First().Messages(1).Single();
        Assert.Equal("ams-1", Tags(resource, 1)["service.instance.id"]);
        Assert.Contains(receiver.Of("/v1/metrics"), body => Encoding.Latin1.GetString(body).Contains("distcache.requests", StringComparison.Ordinal));
    }

    private static string Tag(ProtobufMessage span, string name) => Tags(span, 9)[name];

    private static Dictionary<string, string> Tags(ProtobufMessage of, int field) => of.Messages(field).ToDictionary(tag => tag.Text(1), tag => tag.Messages(2).Single().Text(1));
}
