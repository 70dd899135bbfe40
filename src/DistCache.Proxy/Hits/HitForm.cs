using System.Text;
using DistCache.Proxy.Sockets;
using DistCache.Semantics.Conditions;
using DistCache.Semantics.Ranges;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Hits;

/// <summary>What a plain request gets of a response that may answer (RFC 9110 §9.3.2, §13.2, §14.2).</summary>
internal enum HitForm
{
    Whole,
    Head,
    NotModified,
    Part,
    NotSatisfiable,

    /// <summary>Which the whole path sends.</summary>
    SeveralRanges,
}

internal static class HitForms
{
    /// <param name="slice">What of the body goes with it; none but for <see cref="HitForm.Whole"/> and <see cref="HitForm.Part"/>.</param>
    public static HitForm Of(in PlainRequest request, in KnownHit hit, out BodySlice slice)
    {
        slice = default;
        var form = request.Fields.HasConditionsOrRange ? OfConditions(request, hit, ref slice) : HitForm.Whole;
        if (form is not HitForm.Whole)
            return form;
        if (request.IsHead)
            return HitForm.Head;
        slice = new(hit.Resident, 0, hit.Resident.Length);
        return form;
    }

    public static int StatusOf(HitForm form) => form switch
    {
        HitForm.NotModified => StatusCodes.Status304NotModified,
        HitForm.Part => StatusCodes.Status206PartialContent,
        HitForm.NotSatisfiable => StatusCodes.Status416RangeNotSatisfiable,
        _ => StatusCodes.Status200OK,
    };

    private static HitForm OfConditions(in PlainRequest request, in KnownHit hit, ref BodySlice slice)
    {
        var (fields, response) = (request.Fields, hit.Resident);
        var tag = hit.Tag;
        if (!tag.IsEmpty && fields.IfNoneMatch.SequenceEqual(tag))
            return HitForm.NotModified; // what nearly all ask for
        Span<char> room = stackalloc char[tag.Length + fields.IfNoneMatch.Length + fields.IfModifiedSince.Length + fields.Range.Length + fields.IfRange.Length];
        var tagText = Text(tag, ref room);
        var (lastModified, date) = (response.LastModified, response.Date);
        if (ClientConditions.IsNotModified(Text(fields.IfNoneMatch, ref room), Text(fields.IfModifiedSince, ref room), tagText, lastModified, date))
            return HitForm.NotModified;
        if (fields.Range.IsEmpty || request.IsHead)
            return HitForm.Whole;
        Span<ByteRange> ranges = stackalloc ByteRange[RangeRules.MostRanges];
        switch (RangeRules.Decide(Text(fields.Range, ref room), Text(fields.IfRange, ref room), tagText, lastModified, date, response.Length, ranges, out var count))
        {
            case RangeDecision.Partial when count == 1:
                slice = new(response, ranges[0].First, ranges[0].Last + 1);
                return HitForm.Part;
            case RangeDecision.Partial:
                return HitForm.SeveralRanges;
            case RangeDecision.NotSatisfiable:
                return HitForm.NotSatisfiable;
            default:
                return HitForm.Whole;
        }
    }

    private static ReadOnlySpan<char> Text(ReadOnlySpan<byte> bytes, ref Span<char> room)
    {
        var text = room[..Encoding.Latin1.GetChars(bytes, room)];
        room = room[text.Length..];
        return text;
    }
}
