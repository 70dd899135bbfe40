using DistCache.Proxy.Fills;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Telemetry;
using DistCache.Semantics.Conditions;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Ranges;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace DistCache.Proxy.Delivery;

/// <summary>Sends a response that may answer: the client's conditions and ranges (RFC 9110 §13, §14), Age, Cache-Status, body.</summary>
internal sealed class Delivery(NodeIdentity node, HopSeal seal, TimeProvider time)
{
    /// <summary>From the cache. False: its body was given back in the meantime; nothing has been written, look again.</summary>
    /// <param name="reuse">What counts of it now.</param>
    /// <param name="status">Null: a plain hit.</param>
    /// <param name="privateFields">For this client alone, besides the stored ones; null: none.</param>
    public bool TrySend(HttpContext context, StoredResponse stored, in ReuseFacts reuse, CacheStatus? status, long now, out Task sent, FieldList? privateFields = null)
    {
        sent = Task.CompletedTask;
        if (stored.AcquireBody() is not { } body)
            return false;
        BodyReader? reader = null;
        try
        {
            var length = body.FullLength;
            var plan = Plan(context.Request, stored, length, out var ranges);
            if (plan is SendPlan.Ranges && !MayWaitFor(ranges, body))
                plan = SendPlan.Whole;
            var hasContent = plan is SendPlan.Ranges || (plan is SendPlan.Whole && length != 0 && !HttpMethods.IsHead(context.Request.Method));
            // Most hits end here: the body is complete and what is sent of it small, so it is copied and let go before anything could wait. One that is, or
            // may become, a window frees its chunks although we own it: only a reader keeps them, and without its first byte it is no answer.
            var atOnce = (plan is SendPlan.Whole ? length : ranges is [var only] ? only.Length : null) <= BodySender.OneFlush && body is { State: BodyState.Complete, IsWhole: true };
            if (hasContent && !atOnce && (reader = body.Read(plan is SendPlan.Ranges ? ranges.Min(range => range.First) : 0)) is null)
                return false;
            SetHead(context, stored, reuse, status, now, isNotModified: plan is SendPlan.NotModified);
            if (privateFields is not null)
                SetPrivate(context.Response.Headers, privateFields);
            switch (plan)
            {
                case SendPlan.NotModified:
                    SetStatus(context.Response, StatusCodes.Status304NotModified);
                    if (privateFields?.Has("ETag") is true && !privateFields.Has("Last-Modified"))
                        context.Response.Headers.Remove("Last-Modified"); // it guides only where there is no tag
                    break;
                case SendPlan.NotSatisfiable:
                    NotSatisfiable(context.Response, length!.Value);
                    break;
                case SendPlan.Whole:
                    context.Response.ContentLength = MayHaveBody(stored.Status) ? length : null;
                    if (reader is not null)
                        sent = SendWholeAsync(context, reader, length);
                    else if (hasContent)
                        BodySender.Send(context, body, 0, (int)length!.Value);
                    break;
                case SendPlan.Ranges when reader is null:
                    SetRange(context.Response, ranges[0], length!.Value);
                    BodySender.Send(context, body, ranges[0].First, (int)ranges[0].Length);
                    break;
                case SendPlan.Ranges:
                    sent = SendRangesAsync(context, reader, ranges, length!.Value);
                    break;
            }
            reader = null; // its sender's by now
            return true;
        }
        finally
        {
            reader?.Dispose();
            body.Release();
        }
    }

    /// <summary>One range out of a stored 206. False: it asks for more than is there, or for several.</summary>
    public bool TrySendPart(HttpContext context, StoredResponse part, in ReuseFacts reuse, long now, out Task sent, CacheStatus? status = null)
    {
        sent = Task.CompletedTask;
        if (!Holds(part, context.Request.Headers, out var range))
            return false;
        var held = Parts.RangeOf(part);
        var skip = range.First - held.Range.First;
        if (part.Body.Read(skip) is not { } reader)
            return false;
        SetHead(context, part, reuse, status, now);
        context.Response.Headers.ContentRange = new ContentRange(range, held.CompleteLength).ToString();
        context.Response.ContentLength = range.Length;
        sent = SendPartAsync(context, reader, skip, range.Length);
        return true;
    }

    /// <summary>The request asks for one range, and all of it is in the stored piece.</summary>
    public static bool Holds(StoredResponse part, IHeaderDictionary request, out ByteRange range)
    {
        var held = Parts.RangeOf(part);
        var decision = RangeRules.Decide(Single(request.Range), IfRange(request), part.ETag, part.LastModified, part.Date, held.CompleteLength!.Value, out var ranges);
        range = decision is RangeDecision.Partial && ranges.Count == 1 ? ranges[0] : default;
        return decision is RangeDecision.Partial && ranges.Count == 1 && range.First >= held.Range.First && range.Last <= held.Range.Last;
    }

    private static async Task SendPartAsync(HttpContext context, BodyReader reader, long from, long length)
    {
        using (reader)
            await BodySender.SendAsync(context, reader, from, length);
    }

    /// <summary>To the leader of a fill that nobody else may have.</summary>
    public async Task SendPrivateAsync(HttpContext context, FillOutcome.Private answer, BodyReader? reader, CacheStatus status)
    {
        using (reader)
        {
            var record = RequestRecord.Of(context);
            record?.Answer(status, time);
            SetFields(context.Response, answer.Head, answer.Head.Fields);
            if (record?.Hop is { } hop && !answer.EndsWithConnection) // the other node could not tell its end from a cut
                seal.Set(context.Response.Headers, hop, answer);
            context.Response.Headers["Cache-Status"] = answer.Head.CacheStatusWith(status);
            context.Response.ContentLength = answer.ContentLength;
            if (!answer.MayHaveBody || HttpMethods.IsHead(context.Request.Method))
                return;
            if (answer.EndsWithConnection && context.Request.Protocol is "HTTP/1.1" or "HTTP/1.0")
                context.Response.Headers.Connection = "close"; // rule 50
            if (reader is null)
                context.Abort();
            else
                await BodySender.SendAsync(context, reader, 0, answer.ContentLength);
        }
    }

    private enum SendPlan
    {
        Whole,
        Ranges,
        NotSatisfiable,
        NotModified,
    }

    private static SendPlan Plan(HttpRequest request, StoredResponse stored, long? length, out IReadOnlyList<ByteRange> ranges)
    {
        ranges = [];
        // §13.2.1, §14.2: conditions and ranges apply only where the answer would have been a success, ranges to GET and 200 alone.
        if (stored.Status is < 200 or > 299)
            return SendPlan.Whole;
        var headers = request.Headers;
        if ((headers.IfNoneMatch.Count > 0 || headers.IfModifiedSince.Count > 0) && IsNotModified(headers, stored))
            return SendPlan.NotModified;
        if (headers.Range.Count == 0 || length is not { } known || stored.Status != StatusCodes.Status200OK || !HttpMethods.IsGet(request.Method))
            return SendPlan.Whole;
        var decision = RangeRules.Decide(Single(headers.Range), IfRange(headers), stored.ETag, stored.LastModified, stored.Date, known, out ranges);
        return decision switch
        {
            RangeDecision.Partial => SendPlan.Ranges,
            RangeDecision.NotSatisfiable => SendPlan.NotSatisfiable,
            _ => SendPlan.Whole,
        };
    }

    private static bool IsNotModified(IHeaderDictionary request, StoredResponse stored)
    {
        var (tags, dates) = (request.IfNoneMatch, request.IfModifiedSince);
        var (tag, date) = (Single(tags), Single(dates)); // no array for what has one line
        return ClientConditions.IsNotModified(
            tags.Count > 1 ? tags.ToArray() : new ReadOnlySpan<string?>(in tag), dates.Count > 1 ? dates.ToArray() : new ReadOnlySpan<string?>(in date), stored.ETag, stored.LastModified, stored.Date);
    }

    /// <summary>
    /// In a body that still grows, or that is a window, a reader that keeps an early byte while it waits for a late one would hold back the
    /// very writer that it waits for. RFC 9110 §14.2: a Range may be ignored.
    /// </summary>
    private static bool MayWaitFor(IReadOnlyList<ByteRange> ranges, Body body)
    {
        if (body is { State: BodyState.Complete, IsWhole: true })
            return true;
        for (var i = 1; i < ranges.Count; i++)
            if (ranges[i].First <= ranges[i - 1].Last)
                return false;
        return true;
    }

    private void SetHead(HttpContext context, StoredResponse stored, in ReuseFacts reuse, CacheStatus? status, long now, bool isNotModified = false)
    {
        var head = ResponseHead.Of(stored, node);
        var record = RequestRecord.Of(context);
        // To a node all of them are there to guide cache updates (RFC 9110 §15.4.5).
        SetFields(context.Response, head, isNotModified && record?.Hop is null ? head.FieldsIn304 : head.Fields);
        var resident = time.GetElapsedTime(stored.ReceivedAt, now);
        var age = (long)reuse.AgeAfter(resident).TotalSeconds;
        var ttl = (long)Math.Floor(reuse.TtlAfter(resident).TotalSeconds);
        var hit = status is null ? head.HitAt(age, ttl) : null;
        record?.Answer(status ?? CacheStatus.PlainHit, time);
        var headers = context.Response.Headers;
        headers.Age = hit?.Age ?? age.ToString(System.Globalization.CultureInfo.InvariantCulture);
        headers["Cache-Status"] = hit?.CacheStatus ?? head.CacheStatusWith(status!.Value with { Ttl = ttl });
        if (record?.Hop is { } hop)
            seal.Set(context, hop, stored);
    }

    private static void SetFields(HttpResponse response, ResponseHead head, ReadOnlySpan<KeyValuePair<string, StringValues>> fields)
    {
        response.StatusCode = head.Status;
        if (head.ReasonPhrase is not null)
            response.HttpContext.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = head.ReasonPhrase;
        var headers = response.Headers;
        foreach (var (name, value) in fields)
            headers[name] = value;
    }

    private static void SetPrivate(IHeaderDictionary headers, FieldList fields)
    {
        foreach (var name in fields.Select(field => field.Name).Where(name => !ResponseHead.IsForCachesOnly(name)).Distinct(StringComparer.OrdinalIgnoreCase))
            headers[name] = new StringValues([.. fields.Lines(name)]);
    }

    private static void SetStatus(HttpResponse response, int status)
    {
        response.StatusCode = status;
        response.HttpContext.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = null;
    }

    private static void NotSatisfiable(HttpResponse response, long length)
    {
        SetStatus(response, StatusCodes.Status416RangeNotSatisfiable);
        response.Headers.Remove("Content-Type");
        response.Headers.Remove("Content-Encoding");
        response.Headers.ContentRange = $"bytes */{length}";
        response.ContentLength = 0;
    }

    private static async Task SendWholeAsync(HttpContext context, BodyReader reader, long? length)
    {
        using (reader)
            await BodySender.SendAsync(context, reader, 0, length);
    }

    private static async Task SendRangesAsync(HttpContext context, BodyReader reader, IReadOnlyList<ByteRange> ranges, long length)
    {
        using (reader)
        {
            if (ranges is [var only])
            {
                SetRange(context.Response, only, length);
                await BodySender.SendAsync(context, reader, only.First, only.Length);
            }
            else
            {
                SetStatus(context.Response, StatusCodes.Status206PartialContent);
                await MultipartRanges.SendAsync(context, reader, ranges, length);
            }
        }
    }

    private static void SetRange(HttpResponse response, ByteRange range, long length)
    {
        SetStatus(response, StatusCodes.Status206PartialContent);
        response.Headers.ContentRange = new ContentRange(range, length).ToString();
        response.ContentLength = range.Length;
    }

    private static bool MayHaveBody(int status) => status is not (204 or 205 or 304) && status >= 200;

    /// <summary>Two lines are no validator, and hold for nothing (RFC 9110 §13.1.5); null: there is none.</summary>
    public static string? IfRange(IHeaderDictionary request) => request.IfRange.Count == 0 ? null : Single(request.IfRange) ?? "";

    private static string? Single(StringValues lines) => lines.Count == 1 ? lines[0] : null;
}
