using System.Globalization;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.RealClients;

/// <summary>curl against the edge: what its options ask for is what it gets.</summary>
public class CurlTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public async Task A_body_of_10_MB_arrives_whole_on_HTTP1_and_HTTP2_and_the_second_is_a_hit()
    {
        var body = Bodies.Random(10 * MiB);
        await using var origin = ScriptOrigin.Start();
        origin.On("/big").Answer(Answers.Chunked(body, 10_000, "Cache-Control: max-age=60"));
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Origin = origin.Url, Tls = true });
        using var folder = new TemporaryFolder();
        foreach (var (version, url, hit) in new[]
                 {
                     ("--http1.1", $"{edge.Url}big", false), ("--http2", $"https://127.0.0.1:{edge.TlsPort}/big", false),
                     ("--http2", $"https://127.0.0.1:{edge.TlsPort}/big", true),
                 })
        {
            var path = Path.Combine(folder.Path, "body");
            var head = await Tool.RunAsync("curl", "-sS", "--insecure", version, "--dump-header", "-", "--output", path, url);
            Assert.True(body.AsSpan().SequenceEqual(File.ReadAllBytes(path)), head);
            Assert.StartsWith(version == "--http2" ? "HTTP/2 200" : "HTTP/1.1 200", head, StringComparison.Ordinal);
            if (hit)
                Assert.Contains("; hit", head, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_download_that_stopped_is_resumed_by_a_range_of_the_stored_response()
    {
        var body = Bodies.Random(MiB);
        await using var origin = ScriptOrigin.Start();
        origin.On("/file").Answer(Answers.Ok(body, "Cache-Control: max-age=60", "ETag: \"v1\""));
        await using var edge = await EdgeProcess.StartAsync(origin.Url);
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "file");
        await Tool.RunAsync("curl", "-sS", "--output", path, $"{edge.Url}file");
        await using (var file = File.OpenWrite(path))
            file.SetLength(300_000);
        var log = await Tool.RunAsync("curl", "-sS", "--continue-at", "-", "--dump-header", "-", "--output", path, $"{edge.Url}file");
        Assert.Contains("206 Partial Content", log, StringComparison.Ordinal);
        Assert.True(body.AsSpan().SequenceEqual(File.ReadAllBytes(path)), log);
        Assert.Single(origin.Requests("/file"));
    }

    [Fact]
    public async Task A_conditional_download_of_an_unchanged_file_is_304_without_asking_the_origin()
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/file").Answer(Answers.Ok("content", "Cache-Control: max-age=60", "ETag: \"v1\""));
        await using var edge = await EdgeProcess.StartAsync(origin.Url);
        using var folder = new TemporaryFolder();
        var etag = Path.Combine(folder.Path, "etag");
        await Tool.RunAsync("curl", "-sS", "--etag-save", etag, $"{edge.Url}file");
        var second = await Tool.RunAsync("curl", "-sS", "--etag-compare", etag, "--write-out", "%{http_code} %{size_download}", $"{edge.Url}file");
        Assert.Equal("304 0", second.Trim());
        Assert.Single(origin.Requests("/file"));
    }

    [Fact]
    public async Task An_upload_of_5_MB_reaches_the_origin_as_it_was_sent()
    {
        var body = Bodies.Random(5 * MiB);
        await using var origin = ScriptOrigin.Start();
        origin.On("/upload").Answer(request => Answers.Ok(request.Body.Length.ToString(CultureInfo.InvariantCulture)));
        await using var edge = await EdgeProcess.StartAsync(origin.Url);
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "upload");
        await File.WriteAllBytesAsync(path, body, TestContext.Current.CancellationToken);
        var said = await Tool.RunAsync("curl", "-sS", "--upload-file", path, $"{edge.Url}upload");
        Assert.Equal(body.Length.ToString(CultureInfo.InvariantCulture), said.Trim());
        var request = Assert.Single(origin.Requests("/upload"));
        Assert.Equal("PUT", request.Method);
        Assert.Equal(body, request.Body);
    }

    [Fact]
    public async Task A_HEAD_after_a_GET_is_answered_from_the_store()
    {
        await using var origin = ScriptOrigin.Start();
        origin.On("/file").Answer(Answers.Ok("content", "Cache-Control: max-age=60"));
        await using var edge = await EdgeProcess.StartAsync(origin.Url);
        await Tool.RunAsync("curl", "-sS", $"{edge.Url}file");
        var head = await Tool.RunAsync("curl", "-sS", "--head", $"{edge.Url}file");
        Assert.Contains("Content-Length: 7", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; hit", head, StringComparison.Ordinal);
        Assert.Single(origin.Requests("/file"));
    }

    /// <summary>Names that look like escapes: wget decodes such names twice when it saves them, so that they are asked for here.</summary>
    [Fact]
    public async Task Files_whose_names_look_like_escapes_are_told_apart()
    {
        Assert.SkipWhen(NginxProcess.Program is null, "nginx is not installed.");
        string[] names = ["a b.bin", "a%20b.bin", "a%2520b.bin", "a%2Fb.bin", "a%2fb.bin", "%41.bin", "A.bin", "%.bin", "%25.bin"];
        using var folder = new TemporaryFolder();
        foreach (var name in names)
            folder.Write(name, $"I am {name}");
        await using var nginx = await NginxProcess.StartAsync(folder.Path, "expires 1h;");
        await using var edge = await EdgeProcess.StartAsync(nginx.Url);
        foreach (var round in new[] { "first", "second" })
            foreach (var name in names)
                Assert.Equal((round, $"I am {name}"), (round, (await Tool.RunAsync("curl", "-sS", $"{edge.Url}{Uri.EscapeDataString(name)}")).TrimEnd('\n')));
        Assert.Equal(names.Length, nginx.Requests.Length);
    }
}
