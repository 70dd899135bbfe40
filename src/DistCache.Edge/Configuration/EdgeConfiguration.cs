using DistCache.Edge.Admin;
using DistCache.Edge.CommandLine;
using DistCache.Edge.Hosts;
using DistCache.Edge.Memory;
using DistCache.Semantics.Storing;
using Microsoft.Extensions.Configuration;

namespace DistCache.Edge.Configuration;

/// <summary>One reading of all sources (<see cref="ConfigurationSources"/>). It never changes; a reload makes another one.</summary>
internal sealed class EdgeConfiguration
{
    private readonly List<Complaint> _complaints = [];
    private readonly Dictionary<string, string> _optionByKey = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _contentRoot;

    public EdgeConfiguration(FileContents files, EdgeArguments arguments, IReadOnlyDictionary<string, string?> environment, string contentRoot)
    {
        _contentRoot = contentRoot;
        var layers = new List<ConfigurationLayer>();
        foreach (var file in files.Files)
        {
            if (file.Content is null)
                _complaints.Add(new(file.Where, file.Problem, "Name a JSON file that this user may read"));
            else if (JsonFile.Parse(file.Content, out var what) is { } values)
                layers.Add(new(Shown(file.Path), values, file.Path));
            else
                _complaints.Add(new(file.Where, $"'{file.Path}' {what}", "Correct the file"));
        }

        Files = [.. layers];
        _complaints.AddRange(DuplicateRoutes.Of(layers));
        var variables = new ConfigurationLayer(ConfigurationLayer.Environment, environment);
        if (new MergedLayers([.. layers, variables]).Values.GetValueOrDefault(SecretFiles.Key) is { Length: > 0 } folder)
            AddSecrets(layers, Path.Combine(contentRoot, folder));
        layers.Add(variables);
        var weaker = RootOf(new MergedLayers(layers));
        layers.Add(new(ConfigurationLayer.CommandLine, FromArguments(arguments, weaker)));
        Merged = new(layers);
        Root = RootOf(Merged);
        Settings = new(Root, _optionByKey);
    }

    /// <summary>The files that could be read, weakest first.</summary>
    public IReadOnlyList<ConfigurationLayer> Files { get; }

    public MergedLayers Merged { get; }

    public IConfigurationRoot Root { get; }

    public Settings Settings { get; }

    /// <summary>All complaints so far: about files, arguments, and what the features' options said of <see cref="Settings"/>.</summary>
    public IReadOnlyList<Complaint> Complaints => [.. _complaints, .. Settings.Complaints];

    /// <summary>Puts the file before a line that begins with a key from it.</summary>
    public string WithFile(string line)
    {
        var end = line.IndexOf(": ", StringComparison.Ordinal);
        return end > 0 && line[..end].Contains(':') && Merged.LayerOf(line[..end]) is { File: not null } layer ? $"{layer.Name}: {line}" : line;
    }

    /// <summary>Paths beside the program are told from there.</summary>
    private string Shown(string path) => Path.GetRelativePath(_contentRoot, path) is var near && !near.StartsWith("..", StringComparison.Ordinal) ? near : path;

    private static IConfigurationRoot RootOf(MergedLayers merged) => new ConfigurationBuilder().AddInMemoryCollection(merged.Values).Build();

    private void AddSecrets(List<ConfigurationLayer> layers, string folder)
    {
        try
        {
            var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            foreach (var files in SecretFiles.Find(folder).GroupBy(SecretFiles.KeyOf, StringComparer.OrdinalIgnoreCase))
            {
                values[files.Key] = File.ReadAllText(files.First()).TrimEnd('\r', '\n');
                if (files.Skip(1).Any())
                    _complaints.Add(new(SecretFiles.Key, $"'{folder}' has {string.Join(" and ", files.Select(file => $"'{Path.GetFileName(file)}'"))} for one key, {files.Key}", "Keep one of them"));
            }

            layers.Add(new(ConfigurationLayer.Secrets, values));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _complaints.Add(new(SecretFiles.Key, $"'{folder}' cannot be read", "Name a folder with one file for each secret"));
        }
    }

    private Dictionary<string, string?> FromArguments(EdgeArguments arguments, IConfiguration weaker)
    {
        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Set(ListenOptions.Key, "--listen", arguments.Listen.Count > 0 ? string.Join(';', arguments.Listen) : null);
        Set(AdminOptions.ListenKey, "--admin", arguments.Admin);
        Set(MemoryOptions.CapacityKey, "--memory", arguments.Memory);
        if (arguments.Preset is { } preset && !Enum.GetNames<Preset>().Contains(preset, StringComparer.OrdinalIgnoreCase))
            _complaints.Add(new("--preset", $"'{preset}' is not a preset", "Choose safe or rfc9111"));
        else
            Set(CatchAllRoute.PresetKey, "--preset", arguments.Preset?.ToLowerInvariant());
        if (arguments.Origin is { } origin && OriginUrl.Check(origin, weaker) is { } complaint)
            _complaints.Add(complaint);
        else if (arguments.Origin is not null)
        {
            foreach (var (key, value) in CatchAllRoute.To(OriginUrl.RouteId, arguments.Origin))
                data[key] = value;
        }

        return data;

        void Set(string key, string option, string? value)
        {
            if (value is null)
                return;
            data[key] = value;
            _optionByKey[key] = option;
        }
    }
}
