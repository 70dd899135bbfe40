using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;

namespace DistCache.Edge.Configuration;

/// <summary>A JSON file into keys and values, as the framework reads it: comments and trailing commas allowed.</summary>
internal static class JsonFile
{
    /// <summary>Null and what is wrong, to follow the file's name.</summary>
    public static IReadOnlyDictionary<string, string?>? Parse(byte[] content, out string what)
    {
        var parser = new Parser();
        try
        {
            parser.Load(new MemoryStream(content));
            what = "";
            return parser.Values;
        }
        catch (JsonException e)
        {
            what = $"is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
        }
        catch (FormatException e)
        {
            what = $"is not a configuration file ({e.Message.TrimEnd('.')})";
        }

        return null;
    }

    private sealed class Parser() : JsonStreamConfigurationProvider(new JsonStreamConfigurationSource())
    {
        public IReadOnlyDictionary<string, string?> Values => new Dictionary<string, string?>(Data, StringComparer.OrdinalIgnoreCase);
    }
}
