using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.Edge.AccessLogs;

/// <summary>One JSON object. Times in seconds, bytes of bodies; what is not known is left out.</summary>
internal sealed class JsonLine(AccessLogOptions options, TimeProvider time) : ILineFormat
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly string[] _requestFields = options.RequestFields.Split(',', StringSplitOptions.RemoveEmptyEntries);

    [ThreadStatic]
    private static Utf8JsonWriter? _json;

    public void Write(HttpContext context, RequestRecord record, IBufferWriter<byte> line)
    {
        var json = _json ??= new(line, Writing);
        json.Reset(line);
        json.WriteStartObject();
        json.WriteString("time"u8, time.GetUtcNow());
        WriteRequest(json, context, record);
        WriteAnswer(json, context, record);
        WriteCache(json, record);
        foreach (var name in _requestFields)
            if (context.Request.Headers.TryGetValue(name, out var value))
                json.WriteString(name, value.ToString());
        json.WriteEndObject();
        json.Flush();
    }

    private void WriteRequest(Utf8JsonWriter json, HttpContext context, RequestRecord record)
    {
        var request = context.Request;
        json.WriteString("client"u8, (record.Client ?? context.Connection.RemoteIpAddress)?.ToString());
        WriteKnown(json, "country"u8, record.Country);
        if (record.Asn is { } asn)
            json.WriteNumber("asn"u8, asn);
        json.WriteString("method"u8, request.Method);
        json.WriteString("scheme"u8, request.Scheme);
        json.WriteString("host"u8, request.Host.Value);
        json.WriteString("path"u8, Target.Path(context, record.Outcome is CacheOutcome.Refused));
        if (options.Query && context.Features.Get<IHttpRequestFeature>()?.QueryString is { Length: > 0 } query)
            json.WriteString("query"u8, query);
        json.WriteString("protocol"u8, request.Protocol);
    }

    private void WriteAnswer(Utf8JsonWriter json, HttpContext context, RequestRecord record)
    {
        if (record.HasStatus)
            json.WriteNumber("status"u8, context.Response.StatusCode);
        json.WriteNumber("bytes"u8, record.BodyBytes);
        json.WriteNumber("duration"u8, Seconds(record.StartedAt, record.EndedAt));
        if (record.AnsweredAt != 0)
            json.WriteNumber("answered"u8, Seconds(record.StartedAt, record.AnsweredAt));
    }

    private void WriteCache(Utf8JsonWriter json, RequestRecord record)
    {
        json.WriteString("cache_status"u8, record.Outcome.Name());
        WriteKnown(json, "reason"u8, record.Reason);
        WriteKnown(json, "fwd"u8, record.Forward);
        if (record.Stored)
            json.WriteBoolean("stored"u8, true);
        WriteKnown(json, "error"u8, record.Error);
        WriteKnown(json, "route"u8, record.Route);
        WriteKnown(json, "policy"u8, record.Policy);
        if (record.KeyHash != 0)
            json.WriteString("key"u8, record.KeyHash.ToString("x16", CultureInfo.InvariantCulture));
        if (record.Origin is not { } origin)
            return;
        WriteKnown(json, "cluster"u8, origin.Cluster);
        WriteKnown(json, "upstream"u8, origin.Destination);
        if (origin.Status == 0)
            return;
        json.WriteNumber("origin_status"u8, origin.Status);
        json.WriteNumber("origin_duration"u8, Seconds(origin.StartedAt, origin.HeadAt));
    }

    private static void WriteKnown(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    private decimal Seconds(long from, long to) => Math.Round((decimal)time.GetElapsedTime(from, Math.Max(from, to)).TotalSeconds, 6);
}
