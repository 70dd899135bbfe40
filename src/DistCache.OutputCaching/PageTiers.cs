using System.Buffers;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;
using DistCache.Storage.Shared;

namespace DistCache.OutputCaching;

/// <summary>
/// Rendered pages in the memory tier and the shared tier. A page is a stored response whose body is the middleware's own bytes; it is judged as
/// an edge judges its copies: lease, then purges, then lifetime (rules 5 and 10 of the purge protocol).
/// </summary>
internal sealed class PageTiers(MemoryTier memory, SharedTier? shared, PurgeIndex purges, Lease lease, TimeProvider time)
{
    /// <summary>Null: nothing that may be served. The caller releases the body.</summary>
    public async ValueTask<Body?> FindAsync(PageKey page)
    {
        if (!lease.IsHeld(time.GetTimestamp()))
            return null; // fenced: what is held is not known to be current, so the page is rendered
        var version = purges.Version;
        if (memory.Find(page.Key.Bytes) is { } stored && MayServe(stored.Responses[0], version) && stored.Responses[0].Body.TryAcquire())
        {
            memory.Hit(stored.Responses[0]);
            return stored.Responses[0].Body;
        }

        return shared is null ? null : await PromoteAsync(shared, page);
    }

    public void Store(PageKey page, in ReadOnlySequence<byte> bytes, ReadOnlySpan<string> tags, TimeSpan validFor)
    {
        var body = new Body(memory.Pool, bytes.Length, whole: true);
        var response = new StoredResponse
        {
            Key = page.Key,
            Variant = VariantKey.None,
            Status = 200,
            Fields = FieldList.Empty,
            Reuse = new ReuseFacts { InitialAge = TimeSpan.Zero, Lifetime = validFor },
            Date = time.GetUtcNow(),
            ReceivedAt = time.GetTimestamp(),
            Identity = page.IdentityWith(tags),
            AsOf = page.AsOf,
            Body = body,
        };
        var version = purges.Version;
        if (purges.Judge(response.Identity, page.AsOf, out _) is not PurgeVerdict.Valid)
        {
            body.Release(); // purged while it was being rendered
            return;
        }

        var isKept = memory.MakeRoom(bytes.Length, page.Key.Bytes, bytes.Length);
        foreach (var piece in bytes)
            body.Append(piece.Span);
        body.Complete();
        response.PassedUpTo(version);
        shared?.Writer.TryWrite(new SharedWrite(response, ViaVersion: "1.1"));
        if (isKept)
            memory.Store(response);
        else
            body.Release();
    }

    /// <param name="version">Read before the page was looked up: it may be true for that one too, never for a later one.</param>
    private bool MayServe(StoredResponse page, long version)
    {
        if (page.Reuse.TtlAfter(time.GetElapsedTime(page.ReceivedAt)) <= TimeSpan.Zero)
            return false;
        if (page.AsOf >= version)
            return true;
        if (purges.Judge(page.Identity, page.AsOf, out _) is not PurgeVerdict.Valid)
            return false;
        page.PassedUpTo(version);
        return true;
    }

    private async ValueTask<Body?> PromoteAsync(SharedTier tier, PageKey page)
    {
        if (await tier.FindAsync(new SharedQuery { Key = page.Key, FieldOf = static _ => null, AsOf = purges.Version }) is not SharedAnswer.Found found)
            return null;
        var length = found.Envelope.Body.Length;
        var isKept = memory.MakeRoom(length, page.Key.Bytes, length); // before its chunks count
        var body = new Body(memory.Pool, length, whole: true);
        var copy = found.Envelope.ToResponse(found.Residence, found.AsOf, time.GetTimestamp(), body);
        bool isWhole;
        try
        {
            isWhole = await found.Body.BeginAsync() && await found.Body.CopyToAsync((bytes, _) => Append(body, bytes), CancellationToken.None);
        }
        catch
        {
            body.Fail();
            body.Release();
            throw;
        }
        // Time has passed: the lease first, then the purges, as for every hit.
        if (!isWhole || !lease.IsHeld(time.GetTimestamp()) || !MayServe(copy, purges.Version))
        {
            if (!isWhole)
                body.Fail();
            body.Release();
            return null;
        }

        body.Complete();
        if (isKept && body.TryAcquire())
            memory.Store(copy);
        return body;
    }

    private static ValueTask Append(Body body, ReadOnlyMemory<byte> bytes)
    {
        body.Append(bytes.Span);
        return default;
    }
}
