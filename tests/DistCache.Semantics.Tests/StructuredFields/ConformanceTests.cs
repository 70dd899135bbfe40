using System.Text.Json;
using DistCache.Semantics.StructuredFields;

namespace DistCache.Semantics.Tests.StructuredFields;

/// <summary>The public cases of httpwg/structured-field-tests, from ../shared when it is there.</summary>
public class ConformanceTests
{
    public static IEnumerable<TheoryDataRow<string, int, string>> Cases()
    {
        if (Folder is not { } folder)
            return [new("", 0, "") { Skip = "../shared/data/structured-fields is absent" }];
        return Directory.GetFiles(folder, "*.json").Order().SelectMany(file =>
            Load(file).EnumerateArray().Select((test, index) =>
                new TheoryDataRow<string, int, string>(Path.GetFileName(file), index, Printable(test.GetProperty("name").GetString()!))));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rfc9651_parses_refuses_and_spells(string file, int index, string name)
    {
        var test = Load(Path.Combine(Folder!, file))[index];
        var lines = test.GetProperty("raw").EnumerateArray().Select(line => line.GetString()!).ToArray();
        var parsed = TryParse(test.GetProperty("header_type").GetString()!, lines, out var actual, out var spelled);
        if (Flag(test, "must_fail"))
        {
            Assert.False(parsed, name);
            return;
        }
        if (!parsed && Flag(test, "can_fail"))
            return;
        Assert.True(parsed, name);
        Assert.Equal(Normal(test.GetProperty("expected")), actual);
        var canonical = test.TryGetProperty("canonical", out var given) ? given.EnumerateArray().Select(line => line.GetString()!) : lines;
        Assert.Equal(string.Join(", ", canonical), spelled);
    }

    private static bool TryParse(string type, string[] lines, out string? model, out string? spelled)
    {
        switch (type)
        {
            case "item" when StructuredField.TryParseItem(lines, out var item):
                model = Model.Of(item);
                return StructuredField.TrySerialize(item, out spelled);
            case "list" when StructuredField.TryParseList(lines, out var list):
                model = Model.Of(list);
                return StructuredField.TrySerialize(list, out spelled);
            case "dictionary" when StructuredField.TryParseDictionary(lines, out var dictionary):
                model = Model.Of(dictionary);
                return StructuredField.TrySerialize(dictionary, out spelled);
            default:
                model = spelled = null;
                return false;
        }
    }

    private static bool Flag(JsonElement test, string name) => test.TryGetProperty(name, out var value) && value.GetBoolean();

    private static readonly Dictionary<string, JsonElement> Loaded = [];

    private static JsonElement Load(string file)
    {
        lock (Loaded)
            return Loaded.TryGetValue(file, out var known) ? known : Loaded[file] = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
    }

    // Some names hold the very characters that are refused.
    private static string Printable(string name) => string.Concat(name.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()));

    private static string Normal(JsonElement expected) => JsonSerializer.Serialize(expected);

    private static readonly string? Folder = Find();

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DistCache.Edge.sln")))
            {
                var data = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data", "structured-fields"));
                return Directory.Exists(data) ? data : null;
            }
        return null;
    }
}
