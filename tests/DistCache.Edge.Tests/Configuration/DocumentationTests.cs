using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DistCache.Edge.CommandLine;
using DistCache.Edge.Configuration;
using DistCache.Edge.Tests.Kit;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Policies;

namespace DistCache.Edge.Tests.Configuration;

/// <summary>Table, schema and worked examples are what the program really takes.</summary>
public sealed class DocumentationTests : IDisposable
{
    private static readonly string Folder = Path.Combine(Root(), "config");

    private readonly TemporaryFolder _empty = new();

    public static TheoryData<string> Examples => [.. Directory.GetFiles(Path.Combine(Folder, "examples"), "*.json").Select(path => Path.GetFileName(path)!)];

    /// <summary>Each node's file of the worked fleet; in force with what all of them have in common.</summary>
    public static TheoryData<string> Nodes => [.. Directory.GetFiles(Path.Combine(Root(), "edge-nodes"), "*.json", new EnumerationOptions { MaxRecursionDepth = 1, RecurseSubdirectories = true })
        .Select(path => Path.GetRelativePath(Root(), path))];

    public void Dispose() => _empty.Dispose();

    [Fact]
    public void The_table_of_policies_is_made_of_the_keys_that_are_read()
    {
        var rows = File.ReadAllLines(Path.Combine(Folder, "README.md")).SkipWhile(line => line != "## Policies").Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        Assert.Equal(PolicyKeys.All.Select(key => $"| `{key.Key}` | {key.Range} | {key.Default} | {key.Meaning} |"), rows);
    }

    [Fact]
    public void The_tables_of_geography_are_made_of_the_keys_that_are_read()
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, "README.md")).SkipWhile(line => line != "## Geography").TakeWhile(line => line != "## Policies").Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToArray();
        foreach (var key in GeoKeys.Geo.Concat(GeoKeys.Regions))
            Assert.Contains($"| `{key.Key}` | {key.Range} | {key.Default} | {key.Meaning} |", lines);
    }

    [Fact]
    public void The_exit_codes_are_told_in_the_table_and_in_the_help()
    {
        var codes = typeof(ExitCode).GetFields().Select(code => (int)code.GetRawConstantValue()!).Order().ToArray();
        var rows = File.ReadAllLines(Path.Combine(Folder, "README.md")).SkipWhile(line => line != "## Exit codes").TakeWhile(line => !line.StartsWith("## Why", StringComparison.Ordinal));
        Assert.Equal(codes.Select(code => $"| `{code}` |"), rows.Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line[..7]));
        var help = HelpWithExamples.Examples[HelpWithExamples.Examples.IndexOf("Exit codes: ", StringComparison.Ordinal)..];
        Assert.Equal(codes, Regex.Matches(help, @"(?:: |; )(\d) ").Select(code => int.Parse(code.Groups[1].Value, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void The_schema_is_the_one_that_the_program_writes() =>
        Assert.Equal(ConfigurationSchema.Text() + "\n", File.ReadAllText(Path.Combine(Folder, "distcache.schema.json")));

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task A_worked_example_is_good_and_every_key_of_its_policies_is_in_the_schema(string example)
    {
        var path = Path.Combine(Folder, "examples", example);
        Assert.Empty((await ConfigurationCheck.RunAsync(new EdgeArguments { Config = [path] }, _empty.Path)).Errors);
        AssertKnown(path);
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task A_node_of_the_worked_fleet_is_good_beside_what_all_have_in_common(string node)
    {
        var secret = Path.Combine(_empty.Path, "secret.json"); // that of edge-nodes/fleet is in a folder of its own
        File.WriteAllText(secret, $$"""{ "DistCache": { "Fleet": { "Secret": "{{new string('s', 32)}}" } } }""");
        string[] files = [Path.Combine(Folder, "examples", "fleet", "common.json"), Path.Combine(Root(), node)];
        Assert.Empty((await ConfigurationCheck.RunAsync(new EdgeArguments { Config = [.. files, secret] }, _empty.Path)).Errors);
        foreach (var file in files)
            AssertKnown(file);
    }

    [Fact]
    public void The_worked_fleet_has_six_nodes() => Assert.Equal(6, Nodes.Count);

    private static void AssertKnown(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(path));
        using var schema = JsonDocument.Parse(ConfigurationSchema.Text());
        AssertKnown(file.RootElement.GetProperty("ReverseProxy"), schema.RootElement.GetProperty("properties").GetProperty("ReverseProxy"));
        AssertKnown(file.RootElement.GetProperty("DistCache"), schema.RootElement.GetProperty("properties").GetProperty("DistCache"));
    }

    private static void AssertKnown(JsonElement value, JsonElement schema)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return;
        foreach (var property in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(property.Name, out var known))
                AssertKnown(property.Value, known);
            else if (schema.TryGetProperty("properties", out _))
                Assert.False(schema.TryGetProperty("additionalProperties", out _), $"{property.Name} is not in the schema");
            else if (schema.TryGetProperty("patternProperties", out var patterns))
                Assert.Matches(patterns.EnumerateObject().Single().Name, property.Name);
            else
                AssertKnown(property.Value, schema.GetProperty("additionalProperties"));
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "DistCache.Edge.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
