using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace DistCache.Edge.Admin;

/// <summary>Answers of the admin API: JSON, never stored; errors are problem details (RFC 9457).</summary>
internal static class Answer
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false, // of two lists of tags one would be passed over in silence
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Task JsonAsync<T>(HttpContext context, int status, T value) => WriteAsync(context, status, "application/json; charset=utf-8", value);

    /// <param name="detail">What is wrong with which part, and how to put it right.</param>
    public static Task ProblemAsync(HttpContext context, int status, string detail) =>
        WriteAsync(context, status, "application/problem+json", new { title = ReasonPhrases.GetReasonPhrase(status), status, detail });

    private static Task WriteAsync<T>(HttpContext context, int status, string type, T value)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = type;
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, Json)).AsTask();
    }
}
