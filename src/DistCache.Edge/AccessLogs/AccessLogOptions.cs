using System.Globalization;
using DistCache.Edge.Configuration;

namespace DistCache.Edge.AccessLogs;

internal enum AccessLogFormat
{
    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>nginx's and Apache's combined line, then what the cache did.</summary>
    Combined,
}

/// <summary>
/// <c>DistCache:AccessLog</c>: one line a request. <c>File</c>: a path, or <c>stdout</c>; none: no access log. <c>Format</c>: json (default)
/// or combined. <c>Sample</c>: share of requests that are written, 0 to 1, default 1. <c>Query</c>: whether query strings are written, default
/// false. <c>RequestFields</c>: names of request fields to write as well, json only; none by default, and cookies or credentials only when
/// they are named here. Read at start.
/// </summary>
internal sealed record AccessLogOptions(string File, AccessLogFormat Format, double Sample, bool Query, string RequestFields)
{
    public const string Section = "DistCache:AccessLog";
    public const string Stdout = "stdout";

    private static readonly string[] Known = ["File", "Format", "Sample", "Query", "RequestFields"];

    /// <summary>Null: none is asked for.</summary>
    public static AccessLogOptions? Read(Settings settings)
    {
        settings.OnlyKnown(Section, Known);
        var options = new AccessLogOptions(
            settings[Key("File")] ?? "",
            FormatOf(settings),
            SampleOf(settings),
            QueryOf(settings),
            string.Join(',', settings.List(Key("RequestFields"))));
        if (options.File.Length == 0)
            return null;
        if (options.File != Stdout && Path.GetDirectoryName(Path.GetFullPath(options.File)) is { } folder && !Directory.Exists(folder))
            settings.Complain(Key("File"), $"there is no folder '{folder}'", "Create it, or write stdout");
        return options;
    }

    private static string Key(string name) => $"{Section}:{name}";

    private static AccessLogFormat FormatOf(Settings settings)
    {
        if (settings[Key("Format")] is not { } text)
            return AccessLogFormat.Json;
        if (Enum.GetNames<AccessLogFormat>().Contains(text, StringComparer.OrdinalIgnoreCase))
            return Enum.Parse<AccessLogFormat>(text, ignoreCase: true);
        settings.Complain(Key("Format"), $"'{text}' is not a format", "Choose json or combined");
        return AccessLogFormat.Json;
    }

    private static double SampleOf(Settings settings)
    {
        if (settings[Key("Sample")] is not { } text)
            return 1;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var sample) && sample is >= 0 and <= 1)
            return sample;
        settings.Complain(Key("Sample"), $"'{text}' is not a share of requests", "Write a number from 0 to 1, as in 0.01 for one request in a hundred");
        return 1;
    }

    private static bool QueryOf(Settings settings)
    {
        if (settings[Key("Query")] is not { } text)
            return false;
        if (bool.TryParse(text, out var query))
            return query;
        settings.Complain(Key("Query"), $"'{text}' is neither true nor false", "Write true to have query strings in the log");
        return false;
    }
}
