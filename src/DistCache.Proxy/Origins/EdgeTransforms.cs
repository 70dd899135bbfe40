using DistCache.Proxy.Delivery;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Telemetry;
using DistCache.Semantics.Storing;
using DistCache.Storage.Memory;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace DistCache.Proxy.Origins;

/// <summary>Added last to every route: Via and CDN-Loop to the origin, and what becomes of its answer, for fills and for passes.</summary>
internal sealed class EdgeTransforms(NodeIdentity node, ForwardedClient forwarded, UncacheableMarkers markers, WriteInvalidation writes, EdgeLimits limits, TimeProvider time) : ITransformProvider
{
    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext builder)
    {
        forwarded.Apply(builder);
        builder.AddRequestTransform(Request);
        builder.AddResponseTransform(Response);
    }

    private ValueTask Request(RequestTransformContext context)
    {
        node.AddTo(context.ProxyRequest.Headers, context.HttpContext.Request.Protocol);
        return default;
    }

    private ValueTask Response(ResponseTransformContext context)
    {
        if (context.ProxyResponse is null)
            return default; // YARP's own error; EdgeCache answers it
        OriginRecord.Arrived(context.HttpContext, context.ProxyResponse, time);
        var isSound = OriginMessageRules.Apply(context, node.CacheName);
        var head = OriginHead.Read(context.HttpContext, context.ProxyResponse);
        if (context.HttpContext.Features.Get<OriginExchange>() is { } exchange)
        {
            exchange.Arrived(head);
        }
        else
        {
            Pass(context, head, isSound);
            return PromptHead.SendAsync(context, head);
        }
        return default;
    }

    private void Pass(ResponseTransformContext context, OriginHead head, bool isSound)
    {
        var client = context.HttpContext;
        var state = client.Features.Get<PassState>();
        var headers = client.Response.Headers;
        state?.Kept?.Judge(client, head);
        var own = writes.Apply(client.Request, head.Status, headers, state?.Policy);
        state?.Kept?.Begin(client, own);
        var record = RequestRecord.Of(client);
        if (record?.Hop is { } hop)
        {
            // What only its connection ends goes on in chunks: the other node would take the beginning of a body for all of it (rule 50).
            if (head.Framing is not BodyFraming.CloseDelimited)
                HopSeal.SetPassed(headers, hop);
        }
        else
        {
            foreach (var name in headers.Keys.Where(ResponseHead.IsForCachesOnly).ToArray())
                headers.Remove(name);
        }
        headers.Append(HeaderNames.Via, $"{head.ViaVersion} {node.Name}");
        var status = (state?.Status ?? CacheStatus.Forwarded(Forward.Bypass)) with
        {
            ForwardStatus = (int)context.ProxyResponse!.StatusCode,
            Detail = isSound ? state?.Status.Detail : "ambiguous-answer",
        };
        record?.Answer(status, time);
        headers.Append("Cache-Status", status.Write(node.CacheName));
        // Rule 50: its end cannot be told from a cut, so the client's connection ends with it too.
        if (head.Framing is BodyFraming.CloseDelimited && client.Request.Protocol is "HTTP/1.1" or "HTTP/1.0" && client.Response.StatusCode != StatusCodes.Status101SwitchingProtocols)
            headers.Connection = "close";
        if (state is { Watched: { } key, Policy: { } policy } && MayStore(client, head, policy))
            markers.Unmark(key);
    }

    private bool MayStore(HttpContext client, OriginHead head, CachePolicy policy)
    {
        if (head.ContentLength > policy.MostBytes(limits))
            return false;
        var facts = ResponseFacts.Read(head.Status, head.Fields, head.Framing, time.GetUtcNow(), policy.Caching);
        return StorageRules.Decide(RequestReader.Facts(client.Request), facts, "", policy.Caching).MayStore();
    }
}
