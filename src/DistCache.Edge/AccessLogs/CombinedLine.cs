using System.Buffers;
using System.Globalization;
using System.Text;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.Edge.AccessLogs;

/// <summary>
/// nginx's combined line, so that what reads those reads ours, and behind it cache status, reason, route, upstream, key hash, seconds, and the country where GeoIP is configured:
/// <c>192.0.2.1 - - [24/Nov/2026:02:00:00 +0000] "GET /a HTTP/1.1" 200 10 "-" "curl/8" hit - site - 0123456789abcdef 0.000110</c>.
/// </summary>
internal sealed class CombinedLine(AccessLogOptions options, TimeProvider time) : ILineFormat
{
    [ThreadStatic]
    private static StringBuilder? _text;

    public void Write(HttpContext context, RequestRecord record, IBufferWriter<byte> line)
    {
        var text = (_text ??= new()).Clear();
        var request = context.Request;
        text.Append((record.Client ?? context.Connection.RemoteIpAddress)?.ToString() ?? "-");
        text.Append(CultureInfo.InvariantCulture, $" - - [{time.GetUtcNow():dd/MMM/yyyy:HH:mm:ss} +0000] \"");
        Escape(text, request.Method).Append(' ');
        Escape(text, Target.Path(context, record.Outcome is CacheOutcome.Refused));
        if (options.Query)
            Escape(text, context.Features.Get<IHttpRequestFeature>()?.QueryString);
        text.Append(CultureInfo.InvariantCulture, $" {request.Protocol}\" {(record.HasStatus ? context.Response.StatusCode : 499)} {record.BodyBytes} \"");
        OrDash(text, options.Query ? request.Headers.Referer.ToString() : Target.WithoutQuery(request.Headers.Referer.ToString())).Append("\" \"");
        OrDash(text, request.Headers.UserAgent.ToString()).Append("\" ");
        var key = record.KeyHash == 0 ? "-" : record.KeyHash.ToString("x16", CultureInfo.InvariantCulture);
        var seconds = time.GetElapsedTime(record.StartedAt, record.EndedAt).TotalSeconds;
        text.Append(CultureInfo.InvariantCulture, $"{record.Outcome.Name()} {record.Reason ?? "-"} {record.Route ?? "-"} {record.Origin?.Destination ?? "-"} {key} {seconds:0.000000}");
        if (record.Country is { } country)
            text.Append(' ').Append(country);
        foreach (var piece in text.GetChunks())
            Encoding.UTF8.GetBytes(piece.Span, line);
    }

    private static StringBuilder OrDash(StringBuilder text, ReadOnlySpan<char> value) => value.IsEmpty ? text.Append('-') : Escape(text, value);

    /// <summary>As nginx does: what could end a quoted text or the line becomes \xXX.</summary>
    private static StringBuilder Escape(StringBuilder text, ReadOnlySpan<char> value)
    {
        foreach (var c in value)
            if (c is '"' or '\\' or < ' ' or '\x7f')
                text.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}");
            else
                text.Append(c);
        return text;
    }
}
