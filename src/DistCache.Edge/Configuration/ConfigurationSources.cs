using DistCache.Edge.CommandLine;

namespace DistCache.Edge.Configuration;

/// <summary>
/// Where settings come from, weakest first: <c>appsettings.json</c> beside the program, <c>config/*.json</c> there in the order of their
/// names (subfolders and <c>*.schema.json</c> are not read), <c>--config</c> files, the files of <c>DistCache:Secrets</c>, environment
/// variables, the command line. They can be read again and again.
/// </summary>
internal sealed class ConfigurationSources
{
    private readonly string _contentRoot;
    private readonly IReadOnlyDictionary<string, string?>? _environment;
    private readonly bool _hadAppSettings;

    /// <param name="environment">Other environment variables than the process's (keys with colons).</param>
    public ConfigurationSources(EdgeArguments arguments, string contentRoot, IEnumerable<KeyValuePair<string, string?>>? environment = null)
    {
        (Arguments, _contentRoot) = (arguments, contentRoot);
        _environment = environment?.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase);
        _hadAppSettings = File.Exists(AppSettings);
    }

    public EdgeArguments Arguments { get; }

    private string AppSettings => Path.Combine(_contentRoot, "appsettings.json");

    public FileContents ReadFiles() => FileContents.Read(Files());

    public EdgeConfiguration Read() => Read(ReadFiles());

    public EdgeConfiguration Read(FileContents files) => new(files, Arguments, _environment ?? ProcessEnvironment(), _contentRoot);

    private IEnumerable<(string Path, string Where)> Files()
    {
        var named = Arguments.Config.Select(Path.GetFullPath).ToArray();
        var folder = Path.Combine(_contentRoot, "config");
        var beside = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal) : Enumerable.Empty<string>();

        // It may be missing at start; to take it away later is a mistake to be told.
        if (_hadAppSettings || File.Exists(AppSettings))
            yield return (AppSettings, "appsettings.json");
        foreach (var path in beside.Where(path => !path.EndsWith(".schema.json", StringComparison.OrdinalIgnoreCase) && !named.Contains(path)))
            yield return (path, path);
        foreach (var path in named.Distinct())
            yield return (path, "--config");
    }

    private static Dictionary<string, string?> ProcessEnvironment()
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            values[((string)variable.Key).Replace("__", ":", StringComparison.Ordinal)] = (string?)variable.Value;
        return values;
    }
}
