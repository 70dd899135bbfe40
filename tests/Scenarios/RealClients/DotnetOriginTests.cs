using System.Net;
using DistCache.TestKit;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit;

namespace DistCache.Scenarios.RealClients;

/// <summary>.NET on both sides: HttpClient asks, an ASP.NET Core site is the origin.</summary>
public sealed class DotnetOriginTests
{
    private static readonly byte[] File = Bodies.Random(300_000);

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Files_streams_and_ranges_are_the_origins_bytes_and_the_second_answer_is_a_hit(HttpProtocols protocols)
    {
        await using var origin = await DotnetOrigin.StartAsync(File, protocols);
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart { Configuration = EdgeConfiguration.ByPrefix([origin.Url], "safe", http2: protocols is HttpProtocols.Http2).Replace("/0/{**rest}", "/{**rest}", StringComparison.Ordinal) });
        using var client = new HttpClient { BaseAddress = edge.Url };
        foreach (var isHit in new[] { false, true })
        {
            foreach (var (path, expected) in new[] { ("/file", File), ("/stream", File[..10_000]) })
            {
                using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
                Assert.True((await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).AsSpan().SequenceEqual(expected), path);
                Assert.Equal(isHit, IsHit(answer));
            }
        }

        using var range = new HttpRequestMessage(HttpMethod.Get, "/file") { Headers = { Range = new(1_000, 1_999) } };
        using var part = await client.SendAsync(range, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(File[1_000..2_000], await part.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        var spoken = protocols is HttpProtocols.Http2 ? "HTTP/2" : "HTTP/1.1";
        Assert.Equal([$"{spoken} GET /file", $"{spoken} GET /stream"], origin.Requests);
    }

    [Fact]
    public async Task A_response_that_must_be_validated_is_sent_once_by_the_origin_and_confirmed_by_304()
    {
        await using var origin = await DotnetOrigin.StartAsync(File);
        await using var edge = await EdgeProcess.StartAsync(origin.Url, preset: "rfc9111");
        using var client = new HttpClient { BaseAddress = edge.Url };
        for (var i = 0; i < 3; i++)
        {
            using var answer = await client.GetAsync("/validated", TestContext.Current.CancellationToken);
            Assert.True((await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).AsSpan().SequenceEqual(File));
            if (i > 0)
                Assert.Contains("fwd-status=304", string.Join(", ", answer.Headers.GetValues("Cache-Status")), StringComparison.Ordinal);
        }

        Assert.Equal(3, origin.Requests.Length);
    }

    [Fact]
    public async Task Each_content_coding_is_a_variant_of_its_own_and_every_client_gets_one_that_it_reads()
    {
        await using var origin = await DotnetOrigin.StartAsync(File);
        await using var edge = await EdgeProcess.StartAsync(origin.Url);
        var expected = string.Concat(Enumerable.Repeat("compress me ", 1_000));
        foreach (var isHit in new[] { false, true })
        {
            // ASP.NET Core says Vary only to who asks for a coding: the plain one, which suits everybody, comes last.
            foreach (var codings in new[] { DecompressionMethods.GZip, DecompressionMethods.Brotli, DecompressionMethods.None })
            {
                using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = codings }) { BaseAddress = edge.Url };
                using var answer = await client.GetAsync("/text", TestContext.Current.CancellationToken);
                Assert.Equal(expected, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
                Assert.Equal((codings, isHit), (codings, IsHit(answer)));
            }
        }

        Assert.Equal(3, origin.Requests.Length);
    }

    private static bool IsHit(HttpResponseMessage answer) => string.Join(", ", answer.Headers.GetValues("Cache-Status")).Contains("; hit", StringComparison.Ordinal);
}
