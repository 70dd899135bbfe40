using System.Text;
using DistCache.Proxy.Sockets;
using DistCache.Semantics.Conditions;
using DistCache.Semantics.Ranges;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Hits;

/// <summary>What a plain request gets of a response that may answer: all, its head, the word that it has it, a part (RFC 9110 §9.3.2, §13.2, §14.2).</summary>
internal enum HitForm
{
    /// <summary>It takes more than one range, which the whole path sends.</summary>
    Unknown,
    Whole,
    Head,
    NotModified,
    Part,
    NotSatisfiable,
}

internal static class HitForms
{
    /// <param name="piece">What of the body goes with it; none but for <see cref="HitForm.Whole"/> and <see cref="HitForm.Part"/>.</param>
    public static HitForm Of(in PlainRequest request, in KnownHit hit, out StoredPiece piece)
    {
        piece = default;
        var form = request.Fields.HasWishes ? OfWishes(request, hit, ref piece) : HitForm.Whole;
        if (form is not HitForm.Whole)
            return form;
        if (request.IsHead)
            return HitForm.Head;
        piece = new(hit.Resident, 0, hit.Resident.Length);
        return form;
    }

    public static int StatusOf(HitForm form) => form switch
    {
        HitForm.NotModified => StatusCodes.Status304NotModified,
        HitForm.Part => StatusCodes.Status206PartialContent,
        HitForm.NotSatisfiable => StatusCodes.Status416RangeNotSatisfiable,
        _ => StatusCodes.Status200OK,
    };

    private static HitForm OfWishes(in PlainRequest request, in KnownHit hit, ref StoredPiece piece)
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
                piece = new(response, ranges[0].First, ranges[0].Last + 1);
                return HitForm.Part;
            case RangeDecision.Partial:
                return HitForm.Unknown;
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
