using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace DistCache.Proxy.Requests;

/// <summary>
/// The strict gate, first in the pipeline of the data port: what Kestrel lets through and no origin should see ends here, with
/// a named reason. What passes has one host, one canonical target (<see cref="CanonicalTarget"/>), sound fields, and no
/// field that is not for the origin. Synchronous and free of allocations for a sound request.
/// </summary>
public sealed class StrictRequest
{
    private readonly RequestDelegate next;
    private readonly FieldRules rules;
    private readonly RefusalAnswer answer;

    /// <summary>A gate in front of <paramref name="next"/>.</summary>
    public StrictRequest(RequestDelegate next, StrictRequestOptions? options = null)
    {
        options ??= new StrictRequestOptions();
        this.next = next;
        rules = new FieldRules(options.StrippedFields, options.StrippedPrefixes);
        answer = new RefusalAnswer(options);
    }

    /// <summary>Refuses the request, or hands it on cleaned.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var http = HttpVersionOf(context.Request.Protocol);
        var refusal = Examine(context, http);
        if (refusal is RefusalReason.None)
            return next(context);
        if (refusal is RefusalReason.FatRequest && http is HttpMajor.Two && context.Request.ContentLength is null or 0)
            return InvokeUnlessFatAsync(context);
        return answer.WriteAsync(context, refusal, http is HttpMajor.Two);
    }

    private RefusalReason Examine(HttpContext context, HttpMajor http)
    {
        var request = context.Request;
        var refusal = MethodRules.Examine(context);
        if (refusal is RefusalReason.None)
            refusal = FramingRules.Examine(request, http);
        if (refusal is RefusalReason.None)
            refusal = ExamineFields(request, http);
        if (refusal is RefusalReason.None)
            refusal = ExamineTarget(request);
        return refusal is RefusalReason.None ? MethodRules.ExamineBody(context, http) : refusal;
    }

    private RefusalReason ExamineFields(HttpRequest request, HttpMajor http)
    {
        List<string>? stripped = null;
        foreach (var (name, values) in request.Headers)
        {
            switch (rules.Of(name))
            {
                case FieldTreatment.Refuse:
                    return RefusalReason.FieldName;
                case FieldTreatment.Strip:
                case FieldTreatment.StripUnlessPurge when request.Method != "PURGE":
                    (stripped ??= []).Add(name);
                    break;
            }

            for (var i = 0; i < values.Count; i++)
                if (!FieldRules.IsValue(values[i]))
                    return RefusalReason.FieldValue;
        }

        if (stripped is not null)
            foreach (var name in stripped)
                request.Headers.Remove(name);

        var isSound = http is HttpMajor.Two ? !HasConnectionSpecific(request.Headers) : RemoveNominated(request);
        return isSound ? RefusalReason.None : RefusalReason.Connection;
    }

    /// <summary>RFC 9113 §8.2.2: they make a request malformed. Kestrel refuses Connection itself.</summary>
    private static bool HasConnectionSpecific(IHeaderDictionary headers) =>
        headers.ContainsKey("Keep-Alive") || headers.ContainsKey("Proxy-Connection") || headers.ContainsKey("Upgrade");

    private static bool RemoveNominated(HttpRequest request)
    {
        var nominations = StrictConnection.Current?.TakeNominations();
        var visible = request.Headers.Connection;
        if (visible.Count == 0 || (nominations is null && ConnectionField.NominatesNothing(visible[0]) && visible.Count == 1))
            return true;

        // A line that Kestrel remembers is not decoded again on this connection, so a remembered line must nominate nothing:
        // the next request's nominations would be lost in the collapse.
        var upgrade = request.HttpContext.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest ?? false;
        request.Headers.Connection = upgrade ? "Upgrade" : default(StringValues);
        return ConnectionField.TryRemove(visible.ToString(), request.Headers)
            && (nominations is null || ConnectionField.TryRemove(nominations, request.Headers));
    }

    private static RefusalReason ExamineTarget(HttpRequest request)
    {
        var sent = request.Headers.Host;
        if (sent.Count != 1 || !HostField.TryCanonicalize(sent[0]!, request.Scheme, out var host))
            return RefusalReason.Host;
        if (!ReferenceEquals(host, sent[0]))
            request.Headers.Host = host;

        var raw = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var error = CanonicalTarget.TryParse(raw, request.Path.Value, request.QueryString.Value, out var target);
        if (error is not TargetError.None)
            return Refusals.Of(error);
        if (target.IsAsterisk)
            return request.Method == "OPTIONS" ? RefusalReason.OptionsOfThisServer : RefusalReason.TargetForm;
        if (target.Authority is not null && !Agrees(target, request.Scheme, host))
            return RefusalReason.Authority;

        if (request.Path.Value != target.Path)
            request.Path = new PathString(target.Path);
        if ((request.QueryString.Value ?? "") != target.Query)
            request.QueryString = new QueryString(target.Query);
        return RefusalReason.None;
    }

    private static bool Agrees(in CanonicalTarget target, string scheme, string host) =>
        target.Scheme == scheme && HostField.TryCanonicalize(target.Authority!, scheme, out var authority) && authority == host;

    /// <summary>
    /// HTTP/2 tells that there is no body only by END_STREAM, and some proxies send that on an empty DATA frame. So the first
    /// read decides; a sender that dawdles meets Kestrel's minimum data rate.
    /// </summary>
    private async Task InvokeUnlessFatAsync(HttpContext context)
    {
        var body = context.Request.BodyReader;
        var read = await body.ReadAsync(context.RequestAborted);
        body.AdvanceTo(read.Buffer.End);
        if (!read.Buffer.IsEmpty || !read.IsCompleted)
        {
            await answer.WriteAsync(context, RefusalReason.FatRequest, isHttp2: true);
            return;
        }

        context.Features.Set<IHttpRequestBodyDetectionFeature>(NoBody.Instance);
        await next(context);
    }

    private static HttpMajor HttpVersionOf(string protocol) =>
        HttpProtocol.IsHttp11(protocol) ? HttpMajor.OneOne : HttpProtocol.IsHttp2(protocol) ? HttpMajor.Two
        : HttpProtocol.IsHttp10(protocol) ? HttpMajor.OneZero : HttpMajor.Two;

    private sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public static readonly NoBody Instance = new();

        public bool CanHaveBody => false;
    }
}
