using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using DistCache.Proxy.Telemetry;
using DistCache.Semantics.Ranges;
using DistCache.Storage.Bodies;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Delivery;

/// <summary>multipart/byteranges (RFC 9110 §14.6): several ranges in the order asked for, each with its own Content-Range.</summary>
internal static class MultipartRanges
{
    public static async Task SendAsync(HttpContext context, BodyReader reader, IReadOnlyList<ByteRange> ranges, long length)
    {
        // Random, so that no body can contain it by design.
        var boundary = RandomNumberGenerator.GetHexString(24, lowercase: true);
        var type = context.Response.Headers.ContentType.ToString();
        var heads = new byte[ranges.Count][];
        for (var i = 0; i < heads.Length; i++)
            heads[i] = HeadOf(ranges[i], boundary, type, length);
        var tail = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");

        context.Response.Headers.ContentType = $"multipart/byteranges; boundary={boundary}";
        context.Response.ContentLength = ranges.Sum(range => range.Length) + heads.Sum(head => head.Length) + tail.Length;
        var record = RequestRecord.Of(context);
        for (var i = 0; i < heads.Length; i++)
        {
            record?.Sent(heads[i].Length);
            context.Response.BodyWriter.Write(heads[i]);
            var keep = i + 1 < ranges.Count ? ranges.Skip(i + 1).Min(range => range.First) : (long?)null;
            if (!await BodySender.SendAsync(context, reader, ranges[i].First, ranges[i].Length, keep))
                return;
        }
        // Kestrel does not flush by itself at the end what was advanced after an earlier flush.
        record?.Sent(tail.Length);
        context.Response.BodyWriter.Write(tail);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static byte[] HeadOf(ByteRange range, string boundary, string type, long length)
    {
        var typeLine = type.Length > 0 ? $"Content-Type: {type}\r\n" : "";
        return Encoding.Latin1.GetBytes($"\r\n--{boundary}\r\n{typeLine}Content-Range: bytes {range.First}-{range.Last}/{length}\r\n\r\n");
    }
}
