using DistCache.Proxy.Delivery;
using DistCache.Semantics.Conditions;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Ranges;
using DistCache.Storage.Bodies;
using DistCache.Storage.Responses;
using DistCache.Storage.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace DistCache.Proxy.Fills;

/// <summary>
/// One range out of a long body in the shared tier: only the chunks that hold it are read, and they pass through without being kept. Short
/// bodies go the usual way, whole into memory, where the next range finds them.
/// </summary>
internal sealed class SharedRanges(FillServices services, FillRequests requests, Delivery.Delivery delivery)
{
    private const long ShortBody = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Null: the usual way must answer.</summary>
    public async ValueTask<Task?> TrySendAsync(LookUp lookUp)
    {
        var headers = lookUp.Context.Request.Headers;
        if (services.Shared is not { } shared || lookUp.IsFenced || lookUp.Stored is not null || lookUp.HasConditions || headers.Range.Count != 1 || lookUp.Facts.Directives.NoStore)
            return null;
        if (await shared.FindFreshAsync(requests.For(lookUp) with { Shared = SharedUse.Read }, ShortBody) is not { } found)
            return null;
        var (copy, body) = (found.Response, found.Body);
        if (Wanted(headers, copy, body.Place.Length) is { } range)
        {
            var first = body.Narrow(range.First, range.Last);
            if (await body.BeginAsync())
                return Send(lookUp, copy, body, new(first, Math.Min(body.Place.Length, first + ((long)body.ChunksLeft * body.Place.ChunkSize)) - 1));
        }
        if (body.IsBroken)
            body.Forget(); // or the usual way would find it too, promise it all, and cut the client's answer where the chunk is missing
        copy.Body.Release();
        return null;
    }

    private Task? Send(LookUp lookUp, StoredResponse copy, SharedBody from, ByteRange held)
    {
        var length = from.Place.Length;
        copy.Body.Release(); // of the whole; this is another one
        var body = new Body(services.Memory.Pool, held.Length, whole: false);
        var fields = new FieldList([.. copy.Fields, new Field(FieldNames.ContentRange, new ContentRange(held, length).ToString())]);
        var part = copy.With(StatusCodes.Status206PartialContent, fields, body);
        var status = new CacheStatus { Hit = true, Detail = "shared-tier" };
        // Its reader is there before the first byte, or the window would find that nobody reads.
        var isSent = delivery.TrySendPart(lookUp.Context, part, part.Reuse, services.Time.GetTimestamp(), out var sent, status);
        _ = FillAsync(body, from);
        return isSent ? sent : null;
    }

    private async Task FillAsync(Body body, SharedBody from)
    {
        var isWhole = false;
        try
        {
            isWhole = await from.CopyToAsync(async (bytes, cancel) =>
            {
                body.Append(bytes.Span);
                if (!await body.WaitForRoomAsync(Patience, services.Time, cancel))
                    throw new OperationCanceledException("nobody reads this range any more");
            }, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            if (from.IsBroken)
                from.Forget();
            if (isWhole)
                body.Complete();
            else
                body.Fail();
            body.Release();
        }
    }

    private static ByteRange? Wanted(IHeaderDictionary headers, StoredResponse copy, long length) =>
        copy.Status == StatusCodes.Status200OK
        && RangeRules.Decide(Single(headers.Range), Delivery.Delivery.IfRange(headers), copy.ETag, copy.LastModified, copy.Date, length, out var ranges) is RangeDecision.Partial
        && ranges.Count == 1
            ? ranges[0]
            : null;

    private static string? Single(StringValues lines) => lines.Count == 1 ? lines[0] : null;
}
