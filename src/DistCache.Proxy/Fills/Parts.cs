using DistCache.Proxy.Delivery;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Purging;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Ranges;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Responses;

namespace DistCache.Proxy.Fills;

/// <summary>
/// Stored 206 responses (rule 44, RFC 9111 §3.3, §3.4). They have keys of their own beside those of whole responses, so that a hit never
/// meets one. Of each variant one piece is kept: what overlaps or adjoins it under the same strong validator makes it longer, and a piece
/// that has become the whole is stored as a 200.
/// </summary>
internal sealed class Parts(MemoryTier memory, PurgeCheck purges)
{
    /// <summary>May this 206 be stored? Its general rules are those of a 200.</summary>
    public static bool MayStore(in RequestFacts request, ResponseFacts response, long? contentLength, string targetUri, CachingOptions options) =>
        response.Status == 206 && contentLength is { } length
        && StorageRules.Decide(request, response with { Status = 200 }, targetUri, options).MayStore()
        && PartialRules.MayStore(response, length) is PartialStorage.Store;

    /// <summary>The key under which pieces of that response are kept.</summary>
    public static CacheKey KeyOf(CacheKey key) => new([.. key.Bytes, (byte)'P']);

    public StoredResponse? Find(CacheKey key, Microsoft.AspNetCore.Http.IHeaderDictionary request, VaryNormalizer normalizer, out ReuseFacts reuse)
    {
        reuse = default;
        var version = purges.Version;
        return memory.Find(KeyOf(key)) is { } variants
            && Variants.Select(variants, request, normalizer) is { } part
            && purges.MayUse(part, version, isFenced: false, out reuse)
                ? part
                : null;
    }

    public static ContentRange RangeOf(StoredResponse part) =>
        ContentRange.TryParse(part.Fields.Single(FieldNames.ContentRange), out var range) ? range : throw new InvalidOperationException("a stored 206 has a Content-Range");

    /// <summary>Takes the caller's ownership of the body. Under <see cref="KeyOf"/>, joined with what is there.</summary>
    /// <param name="mostBytes">Of a stored body: what would be longer together is not joined, and the newer piece stays.</param>
    public void Store(StoredResponse part, long mostBytes)
    {
        var version = purges.Version;
        var stored = memory.Find(part.Key)?.Responses.ToArray().FirstOrDefault(other => other.Variant.Equals(part.Variant));
        if (stored is not null && purges.MayUse(stored, version, isFenced: false, out var reuse) && reuse == stored.Reuse
            && (stored.ReceivedAt <= part.ReceivedAt ? Join(stored, part, mostBytes) : Join(part, stored, mostBytes)) is { } joined)
        {
            part.Body.Release();
            if (RangeOf(joined).Range.Length == RangeOf(joined).CompleteLength)
                Complete(joined);
            else
                memory.Store(joined);
            return;
        }
        memory.Store(part);
    }

    // §3.4: the newer fields, both contents. As of the earlier: neither may be older than what is said of it.
    private StoredResponse? Join(StoredResponse older, StoredResponse newer, long mostBytes)
    {
        ContentRange a = RangeOf(older), b = RangeOf(newer);
        if (PartialRules.Combine(older.ETag, a.CompleteLength!.Value, newer.ETag, b.CompleteLength!.Value) is not PartialCombination.Combine
            || a.Range.First > b.Range.Last + 1 || b.Range.First > a.Range.Last + 1)
            return null;
        var range = new ByteRange(Math.Min(a.Range.First, b.Range.First), Math.Max(a.Range.Last, b.Range.Last));
        if (range.Length > mostBytes || !memory.MakeRoom(range.Length) || !older.Body.TryAcquire())
            return null;
        if (!newer.Body.TryAcquire())
        {
            older.Body.Release();
            return null;
        }
        var body = new Body(memory.Pool, range.Length, whole: true);
        // The newer piece in full, and of the older what lies before and behind it.
        Copy(older.Body, a.Range.First, range.First, b.Range.First - 1, body);
        Copy(newer.Body, b.Range.First, b.Range.First, b.Range.Last, body);
        Copy(older.Body, a.Range.First, b.Range.Last + 1, range.Last, body);
        body.Complete();
        older.Body.Release();
        newer.Body.Release();
        return With(newer, newer.Key, 206, body, Math.Min(older.AsOf, newer.AsOf), [.. Others(newer), new Field(FieldNames.ContentRange, new ContentRange(range, a.CompleteLength).ToString())]);
    }

    private void Complete(StoredResponse joined)
    {
        var key = new CacheKey(joined.Key.Bytes[..^1]);
        memory.Remove(joined.Key);
        memory.Store(With(joined, key, 200, joined.Body, joined.AsOf, [.. Others(joined)]));
    }

    private static IEnumerable<Field> Others(StoredResponse part) =>
        part.Fields.Where(field => !field.Name.Equals(FieldNames.ContentRange, StringComparison.OrdinalIgnoreCase) && !field.Name.Equals(FieldNames.ContentLength, StringComparison.OrdinalIgnoreCase));

    private StoredResponse With(StoredResponse newer, CacheKey key, int status, Body body, long asOf, Field[] fields)
    {
        return new()
        {
            Key = key,
            Variant = newer.Variant,
            Status = status,
            ViaVersion = newer.ViaVersion,
            Fields = new FieldList(fields),
            Reuse = newer.Reuse,
            ETag = newer.ETag,
            LastModified = newer.LastModified,
            Date = newer.Date,
            ReceivedAt = newer.ReceivedAt,
            Identity = newer.Identity,
            AsOf = asOf,
            Body = body,
        };
    }

    // Bytes first..last of the representation, out of a body that begins at bodyFirst.
    private static void Copy(Body from, long bodyFirst, long first, long last, Body to)
    {
        for (var at = first; at <= last;)
        {
            var piece = from.Written(at - bodyFirst);
            if (piece.Length > last - at + 1)
                piece = piece[..(int)(last - at + 1)];
            to.Append(piece);
            at += piece.Length;
        }
    }
}
