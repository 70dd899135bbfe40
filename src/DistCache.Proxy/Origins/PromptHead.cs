using Yarp.ReverseProxy.Transforms;

namespace DistCache.Proxy.Origins;

/// <summary>
/// The head of a passed answer goes to the client as soon as it is here, where its body is not: an event stream is open before its first
/// event, and a stream of gRPC has metadata before its first message. YARP alone writes nothing before the first byte of the body.
/// </summary>
internal static class PromptHead
{
    public static ValueTask SendAsync(ResponseTransformContext context, OriginHead head)
    {
        if (!head.MayHaveBody || head.ContentLength is 0 || context.SuppressResponseBody)
            return default;
        var reading = context.ProxyResponse!.Content.ReadAsStreamAsync(context.CancellationToken);
        // It waits for a byte and takes none. The body is mostly here together with the head; then both go in one write.
        if (reading.IsCompletedSuccessfully && reading.Result.ReadAsync(Memory<byte>.Empty, context.CancellationToken) is { IsCompleted: false } first)
            return FlushAsync(context, first);
        return default;
    }

    private static async ValueTask FlushAsync(ResponseTransformContext context, ValueTask<int> first)
    {
        await context.HttpContext.Response.Body.FlushAsync(context.CancellationToken);
        try
        {
            await first; // Nobody may read beside us.
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // YARP's own read meets the same, and knows what to do.
        }
    }
}
