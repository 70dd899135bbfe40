using DistCache.Edge.Admin;
using DistCache.Edge.CommandLine;
using DistCache.Edge.Hosts;
using DistCache.Edge.Memory;
using DistCache.Semantics.Storing;
using Microsoft.Extensions.Configuration;

namespace DistCache.Edge.Configuration;

/// <summary>
/// The sources, strongest first: command line, environment variables, <c>--config</c> files (later before earlier),
/// <c>appsettings.json</c> beside the program. Files are followed while the node runs.
/// </summary>
internal sealed class EdgeConfiguration : IDisposable
{
    private readonly List<JsonFile> _files = [];
    private readonly List<Complaint> _complaints = [];
    private readonly Dictionary<string, string> _optionByKey = new(StringComparer.OrdinalIgnoreCase);

    private EdgeConfiguration(EdgeArguments arguments, string contentRoot, TimeProvider time, IConfigurationSource environment)
    {
        var builder = new ConfigurationBuilder();
        AddFiles(builder, arguments, contentRoot, time);
        builder.Add(environment);
        var weaker = builder.Build();
        Root = builder.AddInMemoryCollection(FromArguments(arguments, weaker)).Build();
        Settings = new(Root, _optionByKey);
    }

    public IConfigurationRoot Root { get; }

    public Settings Settings { get; }

    /// <summary>All complaints so far: about files, arguments, and what the features' options said of <see cref="Settings"/>.</summary>
    public IReadOnlyList<Complaint> Complaints => [.. _complaints, .. Settings.Complaints];

    /// <summary>Called when a followed file has become unreadable or broken.</summary>
    public event Action<Complaint>? BadReload;

    public static EdgeConfiguration Read(EdgeArguments arguments, string contentRoot, TimeProvider time) =>
        new(arguments, contentRoot, time, new Microsoft.Extensions.Configuration.EnvironmentVariables.EnvironmentVariablesConfigurationSource());

    /// <summary>As <see cref="Read(EdgeArguments, string, TimeProvider)"/>, with other environment variables than the process's (keys with colons).</summary>
    public static EdgeConfiguration Read(EdgeArguments arguments, string contentRoot, TimeProvider time, IEnumerable<KeyValuePair<string, string?>> environment) =>
        new(arguments, contentRoot, time, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = environment });

    public void Follow()
    {
        foreach (var file in _files)
            file.Follow();
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
        (Root as IDisposable)?.Dispose();
    }

    private void AddFiles(ConfigurationBuilder builder, EdgeArguments arguments, string contentRoot, TimeProvider time)
    {
        var beside = Path.Combine(contentRoot, "appsettings.json");
        var files = arguments.Config.Select(path => (Path: Path.GetFullPath(path), Where: "--config"));
        if (File.Exists(beside))
            files = files.Prepend((beside, "appsettings.json"));
        foreach (var (path, where) in files)
        {
            if (JsonFile.Open(path, where, time, bad => BadReload?.Invoke(bad), out var complaint) is { } file)
            {
                _files.Add(file);
                builder.Add(file);
            }
            else
                _complaints.Add(complaint);
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
