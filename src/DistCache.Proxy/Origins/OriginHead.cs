using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.Proxy.Origins;

/// <summary>Status and fields as the origin sent them and the route's transforms left them.</summary>
internal sealed record OriginHead(int Status, string? ReasonPhrase, FieldList Fields, BodyFraming Framing, long? ContentLength, string ViaVersion)
{
    public static OriginHead Read(HttpContext context, HttpResponseMessage response)
    {
        return new(
            context.Response.StatusCode,
            context.Features.Get<IHttpResponseFeature>()?.ReasonPhrase,
            FieldsOf(context.Response),
            FramingOf(response),
            context.Response.ContentLength,
            ViaVersionOf(response)) { AnswersHead = response.RequestMessage?.Method == HttpMethod.Head };
    }

    /// <summary>Its Content-Length is that of the GET it speaks of, no body follows.</summary>
    public bool AnswersHead { get; init; }

    /// <summary>An answer that YARP or a middleware of the route made by itself, without an origin.</summary>
    public static OriginHead Own(HttpContext context) =>
        new(context.Response.StatusCode, null, FieldsOf(context.Response), BodyFraming.Framed, context.Response.ContentLength, "1.1");

    /// <summary>RFC 9110 §6.4.1.</summary>
    public bool MayHaveBody => !AnswersHead && Status is not (204 or 205 or 304) && Status >= 200;

    internal static string ViaVersionOf(HttpResponseMessage response) => response.Version.Major >= 2 ? response.Version.ToString(1) : response.Version.ToString(2);

    /// <summary>RFC 9112 §6.3: without length, chunked coding or HTTP/2 frames only the end of the connection ends a body.</summary>
    internal static BodyFraming FramingOf(HttpResponseMessage response) =>
        response.Version.Major >= 2
        || response.Content.Headers.ContentLength is not null
        || response.Headers.TransferEncodingChunked is true
        || (int)response.StatusCode is 204 or 205 or 304
        || response.RequestMessage?.Method == HttpMethod.Head
            ? BodyFraming.Framed
            : BodyFraming.CloseDelimited;

    private static FieldList FieldsOf(HttpResponse response)
    {
        if (response.Headers is not HeaderDictionary headers) // whose own enumerator is no object
            return new(response.Headers.SelectMany(field => field.Value, (field, line) => new Field(field.Key, line ?? "")));
        var count = 0;
        foreach (var (_, lines) in headers)
            count += lines.Count;
        var fields = new Field[count];
        var at = 0;
        foreach (var (name, lines) in headers)
            foreach (var line in lines)
                fields[at++] = new(name, line ?? "");
        return FieldList.Of(fields);
    }
}
