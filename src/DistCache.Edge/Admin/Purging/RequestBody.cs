using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.Admin.Purging;

internal static class RequestBody
{
    public const int Most = 1 << 20;

    /// <summary>Null when it has answered already: too large, or no JSON of that shape.</summary>
    public static async Task<(T Value, byte[] Bytes)?> ReadAsync<T>(HttpContext context) where T : class
    {
        var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length <= Most)
                continue;
            await Answer.ProblemAsync(context, StatusCodes.Status413PayloadTooLarge, $"The body is larger than {Most} bytes. Send several requests.");
            return null;
        }
        try
        {
            var body = bytes.ToArray();
            if (JsonSerializer.Deserialize<T>(body, Answer.Json) is { } value)
                return (value, body);
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, "The body is null. Send a JSON object.");
        }
        catch (JsonException e)
        {
            var where = e.Path is { Length: > 2 } path ? $"{path[2..]}: " : "";
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"{where}{Said(e)}. See /api/v1/openapi.json for the shape.");
        }
        return null;
    }

    private static string Said(JsonException e) =>
        e.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "there is no such member"
        : e.Message.StartsWith("Duplicate", StringComparison.Ordinal) ? "a member is there twice"
        : e.Message.Split(" Path:")[0].TrimEnd('.');
}
