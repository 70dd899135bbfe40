using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Wire;

[Collection(WireCollection.Name)]
public class Http2RefusedRequestTests(WireEdge wire)
{
    public static TheoryData<string> Names => [.. Http2RefusedRows.All.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_malformed_HTTP2_request_is_refused_and_never_reaches_the_origin_whole(string name)
    {
        var row = Http2RefusedRows.All.Single(row => row.Name == name);
        var reached = await wire.RunAsync(async () =>
        {
            await using var client = await wire.Edge.ConnectHttp2Async();
            var answer = await client.RequestAsync(row.Fields, row.Body is null ? null : Latin1.Bytes(row.Body));
            var isRefused = answer.Error is Http2Error.ProtocolError or Http2Error.CompressionError;
            Assert.True(isRefused || (row.Status != 0 && answer.Status == row.Status), $"{name}: {answer}\n{client.GoAway}");
        });

        // A length that does not fit is known only at the body's end: by then the origin may have seen the beginning, never the end.
        Assert.All(reached, request => Assert.False(request.IsWhole, $"{name} reached the origin whole:\n{request.Text}"));
        if (row.Body is null)
            Assert.Empty(reached);
    }
}
