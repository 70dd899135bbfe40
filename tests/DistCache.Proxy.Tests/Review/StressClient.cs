using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace DistCache.Proxy.Tests.Review;

/// <summary>One client of the stress: leaves, dawdles, asks for parts, validates; and checks every byte that it got.</summary>
internal sealed class StressClient : IDisposable
{
    private readonly StressPlan _plan;
    private readonly Random _random;
    private readonly HttpClient _http;
    private readonly string _user;
    private readonly Version _version;

    public StressClient(StressPlan plan, int port, bool isHttp2, Random random)
    {
        (_plan, _random) = (plan, random);
        _user = "u=" + random.Next(6);
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseCookies = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        _version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
    }

    public int Checked { get; private set; }

    public async Task AskAsync(CancellationToken cancel)
    {
        var url = _random.Next(_random.Next(2) == 0 ? 12 : StressPlan.Urls); // some are hot
        var floor = _plan.FloorOf(url);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (_random.Next(8) == 0)
            leaving.CancelAfter(_random.Next(30));
        using var request = RequestFor(url);
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaving.Token);
            var got = new MemoryStream();
            var isWhole = await ReadAsync(answer, got, leaving.Token);
            Check(request, url, floor, answer, got.ToArray(), isWhole);
        }
        catch (OperationCanceledException)
        {
            // It left.
        }
        catch (HttpRequestException)
        {
            // Reset before the head: nobody took that for an answer.
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage RequestFor(int url)
    {
        var request = new HttpRequestMessage(_random.Next(12) == 0 ? HttpMethod.Head : HttpMethod.Get, StressPlan.Target(url))
        {
            Version = _version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Host = "test";
        request.Headers.Add("Cookie", _user);
        switch (_random.Next(12))
        {
            case 0:
                request.Headers.Range = new RangeHeaderValue(_random.Next(50_000), null);
                break;
            case 1:
                var first = _random.Next(300_000);
                request.Headers.Range = new RangeHeaderValue(first, first + _random.Next(100_000));
                break;
            case 2:
                request.Headers.TryAddWithoutValidation("Range", "bytes=250000-250099,0-99");
                break;
            case 3:
                request.Headers.TryAddWithoutValidation("If-None-Match", $"\"{url}-{_plan.FloorOf(url)}-{(StressPlan.IsPersonal(url) ? _user : "")}\"");
                break;
            case 4:
                request.Headers.TryAddWithoutValidation("Authorization", _user);
                break;
            case 5:
                request.Headers.TryAddWithoutValidation("Cache-Control", _random.Next(2) == 0 ? "no-cache" : "no-store");
                break;
        }
        return request;
    }

    /// <summary>False: the body was visibly cut.</summary>
    private async Task<bool> ReadAsync(HttpResponseMessage answer, MemoryStream got, CancellationToken cancel)
    {
        var isSlow = _random.Next(6) == 0;
        var leavesAt = _random.Next(10) == 0 ? _random.Next(200_000) : int.MaxValue;
        var buffer = new byte[isSlow ? 8_192 : 65_536];
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancel);
            int read;
            while ((read = await body.ReadAsync(buffer, cancel)) > 0)
            {
                got.Write(buffer, 0, read);
                if (got.Length > leavesAt)
                    return false;
                if (isSlow)
                    await Task.Delay(1, cancel);
            }
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Check(HttpRequestMessage request, int url, int floor, HttpResponseMessage answer, byte[] got, bool isWhole)
    {
        if (answer.StatusCode is HttpStatusCode.BadGateway)
            return; // a cut before the first byte
        var status = (int)answer.StatusCode;
        var user = StressPlan.IsPersonal(url) ? _user : "";
        var story = $"{request.Method} {request.RequestUri} {request.Headers.ToString().ReplaceLineEndings("; ")} -> {status} {answer.Headers.ToString().ReplaceLineEndings("; ")} {got.Length} bytes, whole: {isWhole}{(status < 400 ? "" : ": " + TestKit.Latin1.Text(got))}";
        Assert.True(status is 200 or 206 or 304 or 416, story);
        if (status != 416 && answer.Headers.TryGetValues("X-Version", out var versions))
        {
            var version = int.Parse(versions.Single(), CultureInfo.InvariantCulture);
            Assert.True(version >= floor, $"below the floor {floor}: {story}");
            var expected = StressPlan.Body(url, version, user);
            if (answer.Headers.TryGetValues("X-User", out var users))
                Assert.True(users.Single() == user, "another user's: " + story);
            if (request.Method == HttpMethod.Head || status == 304)
                Assert.True(got.Length == 0, story);
            else if (status == 200)
                Assert.True(isWhole ? got.AsSpan().SequenceEqual(expected) : expected.AsSpan().StartsWith(got), "wrong bytes: " + story);
            else if (answer.Content.Headers.ContentRange is { From: { } from, To: { } to })
                Assert.True(IsPart(expected.AsSpan((int)from, (int)(to - from + 1)), got, isWhole), "wrong bytes: " + story);
            else if (isWhole)
                Assert.True(got.AsSpan().IndexOf(expected.AsSpan(0, 100)) > 0 && got.AsSpan().IndexOf(expected.AsSpan(250_000, 100)) > 0, "wrong parts: " + story);
        }
        Checked++;
    }

    private static bool IsPart(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> got, bool isWhole) => isWhole ? got.SequenceEqual(expected) : expected.StartsWith(got);

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        // A small buffer: who reads slowly then holds the edge back, as over a long way.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 8_192 };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
