using System.Collections.Concurrent;
using System.Globalization;
using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Shared;

/// <summary>
/// Three edges with far too little memory, readers, writers that purge, and a store that refuses, forgets and flips bits: after a purge is
/// acknowledged no read that starts later sees an older version, and no body is ever mixed, foreign, or cut and taken for whole.
/// </summary>
public sealed class SharedStressTests
{
    private const int Targets = 12;
    private const int Readers = 6;

    private readonly int[] _versions = new int[Targets];
    private readonly int[] _floors = new int[Targets];
    private readonly ConcurrentBag<string> _wrong = [];
    private int _reads;
    private int _sharedHits;
    private int _cuts;

    [Fact]
    public async Task No_read_falls_below_the_floor_whatever_the_store_does()
    {
        await using var region = new Region();
        EdgeInProcess[] edges = [await region.StartEdgeAsync(capacity: 2 << 20), await region.StartEdgeAsync(capacity: 2 << 20), await region.StartEdgeAsync(capacity: 2 << 20)];
        for (var i = 0; i < Targets; i++)
        {
            var target = i;
            region.Origin.On($"/{target}").Answer(request => Script.Bytes(AnswerOf(target, request)));
        }
        var howLong = Environment.GetEnvironmentVariable("DISTCACHE_LONG") == "1" ? TimeSpan.FromSeconds(60) : TimeSpan.FromSeconds(3);
        using var end = new CancellationTokenSource(howLong);
        var work = Task.WhenAll(Enumerable.Range(0, Readers).Select(seed => ReadAsync(edges, new Random(seed), end.Token))
            .Append(WriteAsync(region, new Random(100), end.Token)));
        await TroubleAsync(region, new Random(200), work); // and the clock goes on until the last reader has its answer
        await work;
        Assert.Empty(_wrong.Take(5));
        Assert.True(_reads > 100, $"{_reads} reads");
        Assert.True(_sharedHits > 10, $"{_sharedHits} hits in the shared tier");
        Assert.True(_cuts < _reads / 10, $"{_cuts} of {_reads} were cut");
    }

    private byte[] AnswerOf(int target, OriginRequest request)
    {
        var version = Volatile.Read(ref _versions[target]);
        var tag = $"\"{version}-{request.Field("Accept-Language")}\"";
        string[] fields = [$"ETag: {tag}", "Cache-Control: max-age=30", $"Cache-Tag: t{target}", "Vary: Accept-Language"];
        return request.Field("If-None-Match")?.Contains(tag, StringComparison.Ordinal) is true
            ? Answers.Head("304 Not Modified", fields)
            : Answers.Ok(BodyOf(target, version, request.Field("Accept-Language") ?? ""), fields);
    }

    // Every piece of it says what it is.
    private static string BodyOf(int target, int version, string language) =>
        string.Concat(Enumerable.Repeat($"{target}/{version}/{language};", 1 + (target * target * 150)));

    private async Task ReadAsync(EdgeInProcess[] edges, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var target = random.Next(Targets);
            var language = random.Next(3) == 0 ? "de" : "en";
            var floor = Volatile.Read(ref _floors[target]);
            RawAnswer answer;
            try
            {
                answer = await edges[random.Next(edges.Length)].GetAsync($"/{target}", $"Accept-Language: {language}");
            }
            catch (WireException)
            {
                Interlocked.Increment(ref _cuts); // reset before its head
                continue;
            }
            Interlocked.Increment(ref _reads);
            if (answer.WasCut)
            {
                Interlocked.Increment(ref _cuts);
                continue;
            }
            if (answer.Field("Cache-Status")?.Contains("shared-tier", StringComparison.Ordinal) is true)
                Interlocked.Increment(ref _sharedHits);
            var version = answer.Status == 200 && int.TryParse(answer.Text.Split('/')[1], CultureInfo.InvariantCulture, out var read) ? read : -1;
            if (version < floor || answer.Text != BodyOf(target, version, language))
                _wrong.Add($"/{target} {language}: {answer.Status}, version {version}, floor {floor}, {answer.Field("Cache-Status")}");
        }
    }

    private async Task WriteAsync(Region region, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var target = random.Next(Targets);
            var version = Interlocked.Increment(ref _versions[target]);
            region.Purge(random.Next(2) == 0 ? PurgeMode.Hard : PurgeMode.Soft, new PurgeSelector(PurgeScope.Tag, $"t{target}"));
            Volatile.Write(ref _floors[target], version);
            await Task.Delay(random.Next(20));
        }
    }

    private static async Task TroubleAsync(Region region, Random random, Task work)
    {
        var dice = new Random(300);
        region.Store.Before = () =>
        {
            lock (dice)
                return dice.Next(200) == 0 ? Task.FromException(new IOException("refused")) : Task.CompletedTask;
        };
        while (!work.IsCompleted)
        {
            region.Time.Advance(TimeSpan.FromMilliseconds(random.Next(100) == 0 ? 40_000 : 20));
            var names = region.Store.Names.ToArray();
            if (names.Length > 0 && random.Next(20) == 0)
            {
                var name = names[random.Next(names.Length)];
                if (random.Next(2) == 0)
                    region.Store.Remove(name);
                else if (region.Store[name] is { Length: > 0 } bytes)
                {
                    bytes = (byte[])bytes.Clone();
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    region.Store[name] = bytes;
                }
            }
            await Task.Delay(2, CancellationToken.None);
        }
    }
}
