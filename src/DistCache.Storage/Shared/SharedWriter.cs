using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading.Channels;
using DistCache.Storage.Bodies;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Shared;

/// <param name="Response">Its body is complete.</param>
/// <param name="ViaVersion">Protocol version that the origin's answer came by.</param>
/// <param name="Replaces">What stands there was found unusable.</param>
/// <param name="Lease">Released when it is written, or will not be.</param>
public sealed record SharedWrite(StoredResponse Response, string ViaVersion, bool Replaces = false, RegionalLease? Lease = null);

/// <summary>
/// Writes to the shared tier behind the answers, never in front of one. The queue is short, in entries and in bytes, and what has waited in
/// it for too long is dropped: after an outage the store gets what is new, not what was.
/// </summary>
public sealed class SharedWriter : IAsyncDisposable
{
    public const int MostEntries = 1024;
    private const int Workers = 4;
    private const int ChunksAtOnce = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastWrites = TimeSpan.FromSeconds(2);

    private readonly SharedTier _tier;
    private readonly ISharedStore _store;
    private readonly IChunkStore _chunks;
    private readonly IStampClock _stamps;
    private readonly PurgeIndex _purges;
    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>();
    private readonly Task _work;
    private int _entries;
    private long _bytes;

    internal SharedWriter(SharedTier tier, ISharedStore store, IChunkStore chunks, IStampClock stamps, PurgeIndex purges)
    {
        (_tier, _store, _chunks, _stamps, _purges) = (tier, store, chunks, stamps, purges);
        _work = Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync())); // each begins by waiting, and goes on where the queue wakes it: on a thread of the pool
    }

    /// <summary>Entries that wait or are being written.</summary>
    public int Pending => Volatile.Read(ref _entries);

    /// <summary>Bytes of their bodies.</summary>
    public long PendingBytes => Volatile.Read(ref _bytes);

    /// <summary>Never waits. False: it is dropped, and counted.</summary>
    public bool TryWrite(SharedWrite write)
    {
        var body = write.Response.Body;
        var length = body.FullLength ?? 0;
        if (_tier.IsOpen || _stamps.Log is null)
            return Drop(write, "open");
        if (write.Response.Variant.Names is { Length: > VaryRecord.MostNames } || !Array.TrueForAll(write.Response.Variant.Names, VaryRecord.IsName))
            return Drop(write, "vary");
        var entries = Interlocked.Increment(ref _entries);
        var bytes = Interlocked.Add(ref _bytes, length);
        // One alone may be longer than the queue is wide.
        if (entries > MostEntries || (bytes > _tier.Options.MostPending && entries > 1) || !body.TryAcquire())
        {
            Left(length);
            return Drop(write, "dropped");
        }
        if (_queue.Writer.TryWrite(new(write, body, length, _tier.Time.GetTimestamp())))
            return true;
        body.Release();
        Left(length);
        return Drop(write, "dropped");
    }

    /// <summary>What waits is written first, for a while: the next node to start may want it.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.WhenAny(_work, Task.Delay(LastWrites, _tier.Time));
    }

    private async Task WorkAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
            while (_queue.Reader.TryRead(out var waiting))
                await WriteAsync(waiting);
    }

    private async Task WriteAsync(Waiting waiting)
    {
        var (write, body, length, since) = waiting;
        var result = "error";
        try
        {
            result = _tier.IsOpen ? "open" : _tier.Time.GetElapsedTime(since) > Patience ? "late" : await WriteAsync(write, body);
        }
        catch (Exception)
        {
            // A text that is no Unicode, or a defect: nothing is written, which is a miss for others and no more.
        }
        finally
        {
            if (result is not ("stored" or "older"))
                write.Lease?.Release();
            _tier.Counts.Add("write", result);
            body.Release();
            Left(length);
        }
    }

    private async Task<string> WriteAsync(SharedWrite write, Body body)
    {
        var response = write.Response;
        var asOf = response.AsOf;
        if (body is not { State: BodyState.Complete, IsWhole: true })
            return "cut";
        // The stamp claims no more than this: what was purged since is worth no writing, and would be refused by every reader.
        if (_purges.Judge(response.Identity, asOf, out _) is not PurgeVerdict.Valid)
            return "purged";
        if (_stamps.StampOf(asOf) is not { } stamp)
            return "no-log";
        var keep = SharedLifetime.Of(response.Reuse, _tier.Time.GetElapsedTime(response.ReceivedAt));
        if (keep == TimeSpan.Zero)
            return "short-lived";
        if (await PlaceBodyAsync(body, keep) is not { } place)
            return "failed";
        var envelope = Envelope.Of(response, stamp, write.ViaVersion, _tier.Time.GetElapsedTime(response.ReceivedAt), keep, place);
        var names = response.Variant.Names.Length == 0 ? [] : VaryRecord.Write(stamp, response.Variant.Names);
        var at = new SharedPlace(stamp.Log, response.Key, VariantParts.Of(response.Variant));
        // The lease may be on another place: it was taken before the nominated fields were known.
        var lease = write.Lease is { } held && held.Place.Variant == at.Variant ? held : null;
        var (inTime, set) = await _tier.InTimeAsync(
            "write", _store.SetAsync(new(at, EnvelopeWriter.Write(envelope, body), names, keep, stamp.Position, write.Replaces, lease?.Value)), SharedTier.ChunkTime);
        if (!inTime)
            return "failed";
        lease?.ReleasedByWrite();
        write.Lease?.Release();
        Outdate(set.Replaced.Span, place);
        return set.IsWritten ? "stored" : "older";
    }

    /// <summary>Chunks first, their head last (rule 17). Null: they could not be written.</summary>
    private async Task<BodyPlace?> PlaceBodyAsync(Body body, TimeSpan keep)
    {
        if (body.Length <= _tier.Options.ChunkSize)
            return BodyPlace.Inline(body.Length);
        var keepChunks = keep + SharedLifetime.ReadTime;
        // A 304 left the body as it is: its chunks only have to live on, and they must before their head does.
        if (body.InSharedTier is { } known && await _tier.InTimeAsync("write", _chunks.KeepAsync(known, keepChunks), SharedTier.ChunkTime) is (true, true))
            return known;
        var generation = MemoryMarshal.Read<UInt128>(RandomNumberGenerator.GetBytes(16));
        var place = new BodyPlace(body.Length, _tier.Options.ChunkSize, generation, DigestOf(body));
        for (var first = 0; first < place.Chunks; first += ChunksAtOnce)
        {
            var writing = new List<Task>(ChunksAtOnce);
            for (var index = first; index < Math.Min(first + ChunksAtOnce, place.Chunks); index++)
                writing.Add(_chunks.WriteAsync(generation, index, BodyChunk.Write(place, index, body), keepChunks));
            if (!await _tier.InTimeAsync("write", Task.WhenAll(writing), SharedTier.ChunkTime))
                return null;
        }
        body.InSharedTier = place;
        return place;
    }

    /// <summary>Nobody begins to read the chunks of a head that has been replaced; who has begun shall finish.</summary>
    private void Outdate(ReadOnlySpan<byte> replaced, BodyPlace by)
    {
        if (replaced.Length < EnvelopeWriter.HeadLength || EnvelopeReader.PlaceOf(replaced) is not { IsInline: false } place)
            return;
        if (place.Generation != by.Generation && place is { Length: > 0, ChunkSize: > 0 } && place.Length / place.ChunkSize < 1 << 20)
            SharedTier.Forget(_chunks.KeepAsync(place, SharedLifetime.ReadTime));
    }

    private static UInt128 DigestOf(Body body)
    {
        var digest = new XxHash128();
        for (var at = 0L; at < body.Length;)
        {
            var piece = body.Written(at);
            digest.Append(piece);
            at += piece.Length;
        }
        return digest.GetCurrentHashAsUInt128();
    }

    private bool Drop(SharedWrite write, string why)
    {
        write.Lease?.Release();
        _tier.Counts.Add("write", why);
        return false;
    }

    private void Left(long length)
    {
        Interlocked.Decrement(ref _entries);
        Interlocked.Add(ref _bytes, -length);
    }

    // The body that is owned: the response may show another one once it is stored.
    private readonly record struct Waiting(SharedWrite Write, Body Body, long Length, long Since);
}
