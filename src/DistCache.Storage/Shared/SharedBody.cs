using System.Buffers;
using System.IO.Hashing;

namespace DistCache.Storage.Shared;

/// <summary>The body of a copy in the shared tier: it stands beside its head, or comes chunk by chunk, a few ahead of the one that its reader has (192 KiB, one at least).</summary>
public sealed class SharedBody
{
    private const int BytesAhead = 192 << 10;
    private const int MostAhead = 3;

    private readonly SharedTier _tier;
    private readonly SharedPlace _head;
    private readonly ReadOnlyMemory<byte> _inline;
    private readonly Queue<Task<IMemoryOwner<byte>?>> _coming = new();
    private int _next;
    private int _end;

    internal SharedBody(SharedTier tier, SharedPlace head, BodyPlace place, ReadOnlyMemory<byte> inline)
    {
        (_tier, _head, Place, _inline) = (tier, head, place, inline);
        _end = place.Chunks;
    }

    public BodyPlace Place { get; }

    /// <summary>A part of it was missing or unsound.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Only the chunks that hold these bytes; they come whole, so the caller cuts. To be said before anything is read.</summary>
    /// <returns>Offset in the whole body of the first byte that will come.</returns>
    public long Narrow(long first, long last)
    {
        if (Place.IsInline)
            return 0;
        _next = (int)(first / Place.ChunkSize);
        _end = (int)(last / Place.ChunkSize) + 1;
        return (long)_next * Place.ChunkSize;
    }

    /// <summary>Chunks that are still to come.</summary>
    public int ChunksLeft => _end - _next + _coming.Count;

    /// <summary>Whether its beginning can be had within the tier's budget: afterwards a failure cuts what has been promised.</summary>
    public async ValueTask<bool> BeginAsync()
    {
        if (Place.IsInline || Place.Length == 0)
            return true;
        AskAhead();
        var (inTime, chunk) = await _tier.InTimeAsync("read_chunk", _coming.Peek(), _tier.Options.Budget);
        if (inTime && chunk is not null)
            return true;
        IsBroken = inTime; // what is only late is not gone
        GiveUp();
        return false;
    }

    /// <summary>Each piece in turn; false: one of them is gone or broken, and so is the whole.</summary>
    /// <param name="take">Owns nothing of what it is given.</param>
    public async Task<bool> CopyToAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken cancel)
    {
        if (Place.IsInline)
        {
            if (!_inline.IsEmpty)
                await take(_inline, cancel);
            return true;
        }
        var first = _next - _coming.Count;
        var digest = first == 0 && _end == Place.Chunks ? new XxHash128() : null;
        try
        {
            for (var index = first; index < _end; index++)
            {
                AskAhead();
                var next = _coming.Dequeue();
                AskAhead();
                var (inTime, chunk) = await _tier.InTimeAsync("read_chunk", next, SharedTier.ChunkTime);
                using (chunk)
                {
                    if (!inTime || chunk is null || !_tier.IsSound(chunk.Memory, Place, index, out var content))
                        return !(IsBroken = true);
                    digest?.Append(content.Span);
                    await take(content, cancel);
                }
            }
            return !(IsBroken = digest is not null && digest.GetCurrentHashAsUInt128() != Place.Digest);
        }
        finally
        {
            GiveUp();
        }
    }

    /// <summary>Its chunks are gone: whoever comes next shall find nothing rather than half of it.</summary>
    public void Forget() => _tier.ForgetHead(_head, Place.Generation);

    private void AskAhead()
    {
        while (_coming.Count < Math.Clamp(BytesAhead / Place.ChunkSize, 1, MostAhead) && _next < _end)
            _coming.Enqueue(_tier.ReadChunkAsync(Place.Generation, _next++));
    }

    private void GiveUp()
    {
        while (_coming.TryDequeue(out var chunk))
            _ = chunk.ContinueWith(static done => { if (done.IsCompletedSuccessfully) done.Result?.Dispose(); else _ = done.Exception; }, TaskScheduler.Default);
    }
}
