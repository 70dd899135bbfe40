using System.Globalization;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.TestKit;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Tests.Review;

/// <summary>
/// Everything at once, on HTTP/1.1 and HTTP/2: a tier far too small, clients that leave, dawdle, ask for parts or validate, purges, variants,
/// users, cut answers, freed chunks poisoned. No wrong byte (I1, I6), nothing older than an acknowledged purge (I2), nothing of another
/// user (I3), and at the end no memory but the tier's own (I5). Some seconds; three minutes with DISTCACHE_LONG=1.
/// </summary>
[CollectionDefinition(nameof(StressTests), DisableParallelization = true)]
[Collection(nameof(StressTests))]
public sealed class StressTests
{
    private const int Clients = 24;
    private const int Capacity = 1 << 20; // half of it is less than the largest body: many become windows

    private readonly StressPlan _plan = new();

    [Fact]
    public async Task No_byte_of_another_body_nothing_purged_and_no_leak_whatever_clients_do()
    {
        var isLong = Environment.GetEnvironmentVariable("DISTCACHE_LONG") == "1";
        var seed = int.TryParse(Environment.GetEnvironmentVariable("DISTCACHE_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        await using var edge = await EdgeInProcess.StartAsync("rfc9111", Capacity, StressPlan.MaxObjectSize);
        edge.Origin.Others.Answer(_plan.Answer);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        end.CancelAfter(isLong ? TimeSpan.FromMinutes(3) : TimeSpan.FromSeconds(5));
        var clients = Enumerable.Range(0, Clients).Select(i => AskAsync(edge, new Random(seed + i), isHttp2: i % 3 == 0, end)).ToArray();
        var others = Task.WhenAll(PurgeAsync(edge, new Random(seed - 1), end.Token), AdvanceAsync(edge, end.Token));
        try
        {
            Assert.InRange((await Task.WhenAll(clients)).Sum(), 100, int.MaxValue);
            await others;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"DISTCACHE_SEED={seed}", e);
        }

        // Fills outlive their clients: what they still store goes as well. A body that somebody forgot to release stays, and fails this.
        await Eventually.TrueAsync(() =>
        {
            for (var url = 0; url < StressPlan.Urls; url++)
                edge.Memory.Remove(KeyOf(url));
            return Task.FromResult(edge.Memory.Pool.Used == edge.Memory.OwnBytes && edge.Memory.Count == 0);
        });
    }

    private async Task<int> AskAsync(EdgeInProcess edge, Random random, bool isHttp2, CancellationTokenSource end)
    {
        await Task.Yield();
        using var client = new StressClient(_plan, isHttp2 ? edge.Http2Port : edge.Port, isHttp2, random);
        try
        {
            while (!end.IsCancellationRequested)
                await client.AskAsync(end.Token);
        }
        catch
        {
            await end.CancelAsync();
            throw;
        }
        return client.Checked;
    }

    private async Task PurgeAsync(EdgeInProcess edge, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var url = random.Next(StressPlan.Urls);
            var version = _plan.Write(url);
            string[] fields = random.Next(6) switch
            {
                0 => ["Soft-Purge: 1"],
                1 => ["Surrogate-Key: t" + (url % 3)],
                _ => [],
            };
            var answer = await edge.RequestAsync("PURGE", StressPlan.Target(url), fields);
            Assert.Equal(200, answer.Status);
            if (fields is not ["Soft-Purge: 1"])
                _plan.Acknowledged(url, version);
            await Task.Delay(random.Next(20), CancellationToken.None); // a pace, not a hope
        }
    }

    private static async Task AdvanceAsync(EdgeInProcess edge, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            edge.Time.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static CacheKey KeyOf(int url)
    {
        var request = new DefaultHttpContext().Request;
        (request.Scheme, request.Host, request.Path) = ("http", new HostString("test"), StressPlan.Target(url));
        var buffer = new byte[KeyWriter.MostBytes(request, "all")];
        return new CacheKey(buffer.AsSpan(0, KeyWriter.Write(request, "all", buffer)));
    }
}
