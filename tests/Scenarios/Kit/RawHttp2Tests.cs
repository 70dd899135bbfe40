using System.Net;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Kit;

public class RawHttp2Tests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HttpClient_gets_a_body_larger_than_its_windows_whole()
    {
        var body = new byte[3_000_000];
        new Random(1).NextBytes(body);
        await using var origin = ScriptHttp2Origin.Start();
        origin.On("/a").Answer(Http2Script.Ok(body, "x-a: b"));
        using var http = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var answer = await http.GetAsync(new Uri(origin.Url, "/a?q"), Cancellation);
        Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal("/a?q", Assert.Single(origin.Requests("/a")).Target);
        Assert.Equal(body.Length, origin.Requests("/a")[0].BytesSent);
    }

    [Fact]
    public async Task A_request_and_its_answer_pass_with_body_and_trailers()
    {
        await using var origin = ScriptHttp2Origin.Start();
        origin.On("/a").Answer(request => new Http2Script().Head(200).Data(request.Body).Trailers("x-sum: 5"));
        await using var client = await RawHttp2Client.ConnectAsync(origin.Port);
        var answer = await client.RequestAsync(RawHttp2Client.Fields("POST", "/a"), Latin1.Bytes("hello"));
        Assert.Equal((200, "hello", BodyEnd.EndStream, "5"), (answer.Status, answer.Text, answer.End, answer.Trailers.Joined("x-sum")));
    }

    [Fact]
    public async Task Every_way_to_cut_an_answer_is_seen_as_cut()
    {
        await using var origin = ScriptHttp2Origin.Start();
        var started = () => new Http2Script().Head(200).Data(Latin1.Bytes("abc"));
        origin.On("/rst").Answer(started().ResetStream(Http2Error.InternalError));
        origin.On("/goaway").Answer(started().GoAway(Http2Error.EnhanceYourCalm).CloseConnection());
        origin.On("/fin").Answer(started().CloseConnection());
        origin.On("/reset").Answer(started().ResetConnection());
        foreach (var (path, end, error) in new (string, BodyEnd, Http2Error?)[]
                 {
                     ("/rst", BodyEnd.StreamReset, Http2Error.InternalError),
                     ("/goaway", BodyEnd.StreamReset, Http2Error.EnhanceYourCalm),
                     ("/fin", BodyEnd.Short, null),
                     ("/reset", BodyEnd.Reset, null),
                 })
        {
            await using var client = await RawHttp2Client.ConnectAsync(origin.Port);
            var answer = await client.GetAsync(path);
            Assert.True(answer.WasCut, path);
            Assert.Equal("abc", answer.Text);
            if (path != "/goaway")
                Assert.Equal((path, end), (path, answer.End)); // After GOAWAY the FIN may be read first: cut in either case.
            Assert.Equal(error, answer.Error);
        }
    }

    [Fact]
    public async Task A_client_that_returns_no_window_gets_its_first_window_only()
    {
        await using var origin = ScriptHttp2Origin.Start();
        origin.On("/a").Answer(Http2Script.Ok(new byte[200_000]));
        await using var client = await RawHttp2Client.ConnectAsync(origin.Port);
        client.ReturnsWindow = false;
        var id = client.NewStreamId();
        await client.SendHeadersAsync(id, RawHttp2Client.Fields("GET", "/a"), endStream: true);
        await client.WaitForBodyAsync(id, 65535);
        Assert.Equal(65535, client.BodyLength(id));
        await client.SendAsync(Http2Frame.WindowUpdate(0, 1000));
        await client.SendAsync(Http2Frame.WindowUpdate(id, 1000));
        await client.WaitForBodyAsync(id, 66535);
        Assert.Equal(66535, client.BodyLength(id));
    }
}
