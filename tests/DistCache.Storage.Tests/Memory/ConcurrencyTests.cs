using System.Text;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Tests.Memory;

/// <summary>
/// Inserts, hits, evictions, purges and resizes at once, in checked memory: freed chunks are overwritten, each body is compared with its
/// checksum, and here with what its key and its version say that it must be. Long form: ten million operations.
/// </summary>
public sealed class ConcurrencyTests
{
    private const int Workers = 8;
    private const int Keys = 500;
    private const long Capacity = 512 << 10;

    private static readonly int Operations = LongForm.Asked ? 10_000_000 : 300_000;

    private readonly PurgeIndex _purges = new();
    private readonly MemoryTier _tier;
    private long _hits;
    private long _stored;

    public ConcurrencyTests() => _tier = new(Capacity, TimeProvider.System, _purges);

    [Fact]
    public async Task Whatever_happens_at_once_nobody_reads_a_byte_of_another_response()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed + worker);
            for (var i = 0; i < Operations / Workers; i++)
                await DoAsync(random, i);
        })));
        TestContext.Current.SendDiagnosticMessage("{0} operations, {1} hits, {2} stored, {3} left", Operations, _hits, _stored, _tier.Count);
        Assert.InRange(_hits, Operations / 20, Operations);
        await _tier.ResizeAsync(Capacity);
        for (var i = 0; i < Keys; i++)
            _tier.Remove(new CacheKey(KeyOf(i)));
        Assert.Equal((0, _tier.OwnBytes), (_tier.Count, _tier.Pool.Used));
    }

    private async Task DoAsync(Random random, int number)
    {
        // The lower, the more wanted.
        var key = (int)(Keys * Math.Pow(random.NextDouble(), 2));
        switch (random.Next(1000))
        {
            case < 400:
                Read(key, random);
                break;
            case < 700:
                ReadRecord(key, random);
                break;
            case < 950:
                Store(key, random);
                break;
            case < 970:
                if (_tier.Find(KeyOf(key)) is { } found)
                    _tier.Remove(found.Responses[^1]);
                break;
            case < 980:
                _tier.Remove(new CacheKey(KeyOf(key)));
                break;
            case < 990:
                Freshen(key);
                break;
            case < 998:
                _purges.Apply([new(PurgeScope.Url, "http://test/" + key)], PurgeMode.Hard, 0);
                break;
            default:
                if (number % 10 == 0)
                    await _tier.ResizeAsync(Capacity / (1 + random.Next(4)));
                break;
        }
    }

    private void Read(int key, Random random)
    {
        if (_tier.Find(KeyOf(key)) is not { } variants)
            return;
        var response = variants.Responses[random.Next(variants.Responses.Length)];
        if (!response.Body.TryAcquire())
            return;
        _tier.Hit(response);
        Interlocked.Increment(ref _hits);
        var mark = (byte)(response.Date.Second + (7 * key));
        var read = 0L;
        for (var at = response.Body.At(0); !at.IsEmpty; at = response.Body.At(read))
        {
            Assert.False(at.ContainsAnyExcept(mark), "another response's byte");
            read += at.Length;
        }
        Assert.Equal(response.Body.FullLength, read);
        response.Body.Release();
    }

    // As the short way does, which makes no response of it; and as it leaves bytes behind for the next one.
    private void ReadRecord(int key, Random random)
    {
        if (_tier.Acquire(KeyOf(key)) is not { } resident)
            return;
        _tier.Hit(resident);
        Interlocked.Increment(ref _hits);
        var mark = resident.Length == 0 ? (byte)(7 * key) : resident.At(0)[0];
        Assert.InRange((byte)(mark - (7 * key)), 0, 59);
        var read = 0L;
        for (var at = resident.At(0); !at.IsEmpty; at = resident.At(read))
        {
            Assert.False(at.ContainsAnyExcept(mark), "another response's byte");
            read += at.Length;
        }
        Assert.Equal(resident.Length, read);
        for (var attached = resident.Attached; !attached.IsNone; attached = attached.Next)
        {
            Assert.Equal((ulong)key, attached.Id);
            Assert.False(attached.Bytes.ContainsAnyExcept((byte)key), "another response's attachment");
        }
        if (resident.Attached.IsNone && random.Next(10) == 0)
            resident.TryAttach(_tier.Pool, (ulong)key, 0, Enumerable.Repeat((byte)key, random.Next(300)).ToArray());
        resident.Release(_tier.Pool);
    }

    private void Store(int key, Random random)
    {
        var second = random.Next(60);
        var bytes = new byte[random.Next(20) == 0 ? random.Next(100_000) : random.Next(4_000)];
        bytes.AsSpan().Fill((byte)(second + (7 * key)));
        if (!_tier.MakeRoom(Body.FootprintOf(bytes.Length), KeyOf(key)))
            return;
        var body = Body.Of(_tier.Pool, bytes);
        using (random.Next(4) == 0 ? body.Read() : null) // a client that reads along
            if (_tier.Store(Stored.Response("/" + key, body, language: "v" + random.Next(3), second: second, asOf: _purges.Version)))
                Interlocked.Increment(ref _stored);
        if (body.TryAcquire()) // one that comes later, with the answer of the fill in its hand
        {
            var read = 0L;
            for (var at = body.At(0); !at.IsEmpty; at = body.At(read))
            {
                Assert.Equal(bytes.AsSpan((int)read, at.Length), at);
                read += at.Length;
            }
            Assert.Equal(bytes.Length, read);
            body.Release();
        }
        // Others' bodies may have come between room and body, each worker's one.
        Assert.InRange(_tier.Pool.Used, 0, Capacity + (Workers * 102_000));
    }

    // As a 304 does: another response on the same body.
    private void Freshen(int key)
    {
        if (_tier.Find(KeyOf(key)) is not { } variants)
            return;
        var stored = variants.Responses[0];
        if (!stored.Body.TryAcquire())
            return;
        if (!_tier.Replace(stored, stored.StaleSince(TimeSpan.Zero)))
            stored.Body.Release();
    }

    private static byte[] KeyOf(int key) => Encoding.UTF8.GetBytes("/" + key);
}
