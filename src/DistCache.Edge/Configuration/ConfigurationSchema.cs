using System.Text.Json;
using System.Text.Json.Nodes;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Policies;
using Yarp.ReverseProxy.Configuration;

namespace DistCache.Edge.Configuration;

/// <summary>
/// The JSON schema that editors complete and check by, made of what the program knows: <see cref="PolicyKeys"/>, <see cref="GeoKeys"/> and YARP's own types.
/// Other sections are open: their features check them at start.
/// </summary>
internal static class ConfigurationSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As <c>config/distcache.schema.json</c> holds it, without the last line end.</summary>
    public static string Text() => Build().ToJsonString(Indented);

    internal static JsonObject Build() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "DistCache.Edge",
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["ReverseProxy"] = Closed(new() { ["Routes"] = Map(Of(typeof(RouteConfig))), ["Clusters"] = Map(Of(typeof(ClusterConfig))) }),
            ["DistCache"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["Policies"] = Map(Of(PolicyKeys.All)), ["Shared"] = Shared(), ["PurgeLog"] = PurgeLog(), ["Fleet"] = Fleet(), ["Geo"] = Of(GeoKeys.Geo), ["Regions"] = Map(Of(GeoKeys.Regions)) } },
        },
    };

    private static JsonObject Shared() => Closed(new()
    {
        ["Redis"] = Value(new ConfigurationKey("Redis", KeyKind.Text, "none", "Connection string of StackExchange.Redis: host:port, further servers, password=, ssl=true; trust=FILE (PEM) for a server whose certificate the machine does not know")),
        ["Budget"] = Value(new ConfigurationKey("Budget", KeyKind.Duration, "50ms", "How long a request may wait for the shared tier, 1ms to 10s")),
        ["ChunkSize"] = Value(new ConfigurationKey("ChunkSize", KeyKind.Size, "64KiB", "Longer bodies are split into chunks of that size, 4KiB to 4MiB")),
    });

    private static JsonObject PurgeLog() => Closed(new()
    {
        ["Redis"] = Value(new ConfigurationKey("Redis", KeyKind.Text, "DistCache:Shared:Redis", "Where the fleet's purge log is: a connection string as that of the shared tier")),
        ["File"] = Value(new ConfigurationKey("File", KeyKind.Text, "none", "The purge log of a node alone; beside PurgeLog:Redis this node's journal of it")),
        ["Lease"] = Value(new ConfigurationKey("Lease", KeyKind.Duration, "30s", "How long a node serves without hearing the purge log, 500ms to 1h; a purge waits for a silent node so long and a margin, with TakeOver longer")),
        ["TakeOver"] = Value(new ConfigurationKey("TakeOver", KeyKind.Duration, "unknown", "How long a primary of the log that was replaced may go on taking writes, 100ms to 1h: purges wait for a silent node so much longer, and not without end as they do where nobody knows")),
    });

    private static JsonObject Fleet() => Closed(new()
    {
        ["Secret"] = Value(new ConfigurationKey("Secret", KeyKind.Text, "none", "What the nodes know each other by when one asks another instead of the origin: 32 characters or more, the same on all; best in a file of DistCache:Secrets")),
    });

    private static JsonObject Of(IReadOnlyList<ConfigurationKey> keys)
    {
        var section = new JsonObject();
        foreach (var key in keys)
            Put(section, key.Key.Split(':'), key);
        return Closed(section);
    }

    private static void Put(JsonObject properties, ReadOnlySpan<string> path, ConfigurationKey key)
    {
        var name = path[0];
        if (path.Length == 1)
            properties[name] = Value(key);
        else if (path[1] == "{status}")
            properties[name] = new JsonObject { ["type"] = "object", ["description"] = key.Meaning, ["patternProperties"] = new JsonObject { ["^[2-5][0-9][0-9]$"] = Value(key) }, ["additionalProperties"] = false };
        else if (path[1].StartsWith('{'))
            properties[name] = Map(Value(key));
        else
        {
            properties[name] ??= Closed([]);
            Put(properties[name]!["properties"]!.AsObject(), path[1..], key);
        }
    }

    private static JsonObject Value(ConfigurationKey key)
    {
        var schema = key.Kind switch
        {
            KeyKind.Flag => Types("boolean"),
            KeyKind.Fraction => new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1 },
            KeyKind.Duration => new JsonObject { ["type"] = "string", ["pattern"] = "^([0-9]+(ms|s|m|h|d)|([0-9]+\\.)?[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)$" },
            KeyKind.Size => new JsonObject { ["type"] = new JsonArray("string", "integer"), ["pattern"] = "^[0-9.]+ ?([KMGT]i?B|kB|B)?$" },
            KeyKind.Choice => new JsonObject { ["enum"] = new JsonArray([.. key.Choices.Select(choice => (JsonNode)choice)]) },
            KeyKind.List => new JsonObject { ["type"] = new JsonArray("array", "string"), ["items"] = Types("string") },
            KeyKind.FlagOrList => new JsonObject { ["type"] = new JsonArray("boolean", "array", "string"), ["items"] = Types("string") },
            _ => new JsonObject { ["type"] = new JsonArray("string", "number") },
        };
        schema["description"] = $"{key.Meaning}. Default: {key.Default}.";
        return schema;
    }

    private static JsonObject Of(Type type)
    {
        if (type == typeof(bool))
            return Types("boolean");
        if (type == typeof(int) || type == typeof(long))
            return Types("integer");
        if (type == typeof(double))
            return Types("number");
        if (type.IsEnum)
            return type.IsDefined(typeof(FlagsAttribute), false) ? new() { ["type"] = new JsonArray("array", "string") } : new() { ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => (JsonNode)name)]) };
        if (UnknownKeys.ElementOf(type) is { } element)
            return type.Name.Contains("Dictionary", StringComparison.Ordinal) ? Map(Of(element)) : new() { ["type"] = "array", ["items"] = Of(element) };
        if (!type.IsClass || type == typeof(string) || type == typeof(Version) || type == typeof(Uri))
            return Types("string");
        var properties = new JsonObject();
        foreach (var (name, property) in UnknownKeys.NamesOf(type).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            properties[name] = Of(property);
        return Closed(properties);
    }

    private static JsonObject Types(string type) => new() { ["type"] = type };

    private static JsonObject Map(JsonObject each) => new() { ["type"] = "object", ["additionalProperties"] = each };

    private static JsonObject Closed(JsonObject properties) => new() { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
}
