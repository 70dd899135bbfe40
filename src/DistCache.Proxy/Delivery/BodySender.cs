using DistCache.Proxy.Telemetry;
using DistCache.Storage.Bodies;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Delivery;

/// <summary>Copies body bytes into the response, with the one copy that Kestrel's pipe needs.</summary>
internal static class BodySender
{
    /// <summary>Up to this a response goes out in one flush, at the end of the request, with no async machine.</summary>
    public const int OneFlush = 64 * 1024;

    /// <summary>A piece of a complete body that the caller owns.</summary>
    public static void Send(HttpContext context, Body body, long from, int length)
    {
        RequestRecord.Of(context)?.Sent(length);
        var writer = context.Response.BodyWriter;
        while (length > 0)
        {
            var piece = body.At(from);
            if (piece.Length > length)
                piece = piece[..length];
            piece.CopyTo(writer.GetSpan(piece.Length));
            writer.Advance(piece.Length);
            from += piece.Length;
            length -= piece.Length;
        }
    }

    /// <summary>
    /// From <paramref name="from"/> on, <paramref name="length"/> bytes or to the end, as they come. False: the body will not be whole; the
    /// connection has been reset.
    /// </summary>
    /// <param name="keep">Lowest offset that will still be needed after this piece; null: what was sent is done with.</param>
    public static async Task<bool> SendAsync(HttpContext context, BodyReader reader, long from, long? length, long? keep = null)
    {
        var cancel = context.RequestAborted;
        var record = RequestRecord.Of(context);
        var writer = context.Response.BodyWriter;
        var at = from;
        var end = length is { } known ? from + known : long.MaxValue;
        reader.Pass(Math.Min(at, keep ?? at)); // what lies before it is not waited for
        while (at < end)
        {
            var copied = reader.CopyTo(writer, at, (int)Math.Min(end - at, OneFlush));
            if (copied > 0)
            {
                at += copied;
                record?.Sent(copied);
                if ((await writer.FlushAsync(cancel)).IsCompleted)
                    return false;
                reader.Pass(Math.Min(at, keep ?? at));
                continue;
            }
            // State first, length after it: an end that came between the two is seen in the next round.
            var state = reader.State;
            if (reader.Length > at && !reader.IsLost)
                continue;
            if (state is BodyState.Complete && length is null)
                return true;
            if (state is not BodyState.Growing)
            {
                context.Abort();
                return false;
            }
            await reader.WaitAsync(at, cancel);
        }
        return true;
    }
}
