using Microsoft.Extensions.Configuration;

namespace DistCache.Edge.Configuration;

/// <summary>
/// What the sources say together, read once at start. It collects every complaint instead of stopping at the first, and names a
/// value after the option that set it (<c>--memory</c>) or, where none did, after its key (<c>DistCache:Memory:Capacity</c>).
/// </summary>
internal sealed class Settings(IConfigurationRoot configuration, IReadOnlyDictionary<string, string> optionByKey)
{
    private readonly List<Complaint> _complaints = [];

    public IReadOnlyList<Complaint> Complaints => _complaints;

    /// <summary>The value of the strongest source; null when none has the key or it is empty.</summary>
    public string? this[string key] => configuration[key] is { Length: > 0 } value ? value : null;

    public bool Has(string key) => configuration.GetSection(key).Exists();

    /// <summary>The names of what stands directly under a section.</summary>
    public IReadOnlyList<string> NamesUnder(string section) => [.. configuration.GetSection(section).GetChildren().Select(child => child.Key)];

    public string NameOf(string key) => optionByKey.GetValueOrDefault(key, key);

    public void Complain(string key, string what, string remedy) => _complaints.Add(new(NameOf(key), what, remedy));

    /// <summary>
    /// A list from the strongest source that names it at all. Plain configuration merges lists by index, so that a source with one
    /// value would keep the tail of a weaker source's three. A single value may hold several, parted by <c>;</c>.
    /// </summary>
    public IReadOnlyList<string> List(string key)
    {
        foreach (var provider in configuration.Providers.Reverse())
        {
            if (provider.TryGet(key, out var single) && !string.IsNullOrWhiteSpace(single))
                return single.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var indices = provider.GetChildKeys([], key).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
            if (indices.Length > 0)
                return [.. indices.Select(index => provider.TryGet($"{key}:{index}", out var value) ? value ?? "" : "")];
        }

        return [];
    }

    /// <summary>Names under a section that nothing reads are most often misspelt; a setting that is silently ignored is worse than a refusal.</summary>
    public void OnlyKnown(string section, params ReadOnlySpan<string> known)
    {
        foreach (var child in configuration.GetSection(section).GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                Complain(child.Path, "there is no such setting", $"{section} has {string.Join(", ", known)}");
        }
    }
}
