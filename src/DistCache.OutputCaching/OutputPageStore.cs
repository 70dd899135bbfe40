using System.Buffers;
using System.IO.Pipelines;
using DistCache.Storage.Bodies;
using Microsoft.AspNetCore.OutputCaching;

namespace DistCache.OutputCaching;

/// <summary>What ASP.NET Core's output caching asks and tells; see <see cref="PageTiers"/> and <see cref="OutputCacheNode"/>.</summary>
internal sealed class OutputPageStore(OutputCacheNode node) : IOutputCacheBufferStore
{
    public async ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken)
    {
        if (await FindAsync(key) is not { } body)
            return null;
        var bytes = new byte[body.Length];
        for (var at = 0; at < bytes.Length;)
            at += Copy(body, at, bytes.AsSpan(at));
        body.Release();
        return bytes;
    }

    public async ValueTask<bool> TryGetAsync(string key, PipeWriter destination, CancellationToken cancellationToken)
    {
        if (await FindAsync(key) is not { } body)
            return false;
        try
        {
            for (var at = 0L; at < body.Length;)
            {
                var copied = Copy(body, at, destination.GetSpan());
                destination.Advance(copied);
                at += copied;
                await destination.FlushAsync(cancellationToken);
            }

            return true;
        }
        finally
        {
            body.Release();
        }
    }

    public ValueTask SetAsync(string key, byte[] value, string[]? tags, TimeSpan validFor, CancellationToken cancellationToken) =>
        SetAsync(key, new ReadOnlySequence<byte>(value), tags, validFor, cancellationToken);

    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, ReadOnlyMemory<string> tags, TimeSpan validFor, CancellationToken cancellationToken)
    {
        // Without a count nobody could say which purges came later: such a page is not kept.
        if (PageKey.Read(key) is { } page && validFor > TimeSpan.Zero)
            node.Tiers?.Store(page, value, tags.Span, validFor);
        return ValueTask.CompletedTask;
    }

    public async ValueTask EvictByTagAsync(string tag, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        await node.EvictAsync(tag, cancellationToken);
    }

    private async ValueTask<Body?> FindAsync(string key) => PageKey.Read(key) is { } page && node.Tiers is { } tiers ? await tiers.FindAsync(page) : null;

    private static int Copy(Body body, long at, Span<byte> to)
    {
        var piece = body.At(at);
        var length = Math.Min(piece.Length, to.Length);
        piece[..length].CopyTo(to);
        return length;
    }
}
