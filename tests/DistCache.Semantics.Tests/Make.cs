using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Tests;

/// <summary>Requests and responses out of field lines as one writes them: "Name: value".</summary>
internal static class Make
{
    public static readonly DateTimeOffset Now = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    public static readonly CachingOptions Safe = CachingOptions.For(Preset.Safe);
    public static readonly CachingOptions Rfc9111 = CachingOptions.For(Preset.Rfc9111);

    public static CachingOptions Options(string preset) => preset == "safe" ? Safe : Rfc9111;

    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>Now plus so many seconds, as a field value.</summary>
    public static string Date(double secondsFromNow = 0) => HttpDate.Format(Now.AddSeconds(secondsFromNow));

    public static FieldList Fields(params string[] lines) => new(lines.Select(line =>
    {
        var colon = line.IndexOf(':');
        return new Field(line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
    }));

    public static ResponseFacts Response(params string[] lines) => Response(200, Safe, lines);

    public static ResponseFacts Response(int status, CachingOptions options, params string[] lines) =>
        ResponseFacts.Read(status, Fields(lines), BodyFraming.Framed, Now, options);

    public static RequestFacts Request(string? cacheControl = null, string method = "GET", bool authorization = false) => new()
    {
        Method = method,
        HasAuthorization = authorization,
        Directives = RequestDirectives.Read([cacheControl]),
    };

    /// <summary>Rows write several field lines with '|' between them.</summary>
    public static string[] Lines(string rows) => rows.Length == 0 ? [] : rows.Split('|', StringSplitOptions.TrimEntries);
}
