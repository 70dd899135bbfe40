using System.Globalization;

namespace DistCache.Edge.Configuration;

/// <summary>
/// Layers put together, weakest first: for each key the value of the strongest and which layer that was. A list is taken whole from the
/// strongest layer that has it: plain configuration merges lists by index, so that one host would keep the tail of a weaker layer's three.
/// </summary>
internal sealed class MergedLayers
{
    /// <summary>What stands under these is named, also when a name is a number.</summary>
    private static readonly string[] Maps = ["Routes", "Clusters", "Destinations", "Metadata", "Policies", "Lifetimes", "Regions"];

    private readonly Dictionary<string, (string? Value, ConfigurationLayer Layer)> _values = new(StringComparer.OrdinalIgnoreCase);

    public MergedLayers(IEnumerable<ConfigurationLayer> layers)
    {
        foreach (var layer in layers)
            Put(layer);
    }

    public IEnumerable<string> Keys => _values.Keys;

    public IReadOnlyDictionary<string, string?> Values => _values.ToDictionary(pair => pair.Key, pair => pair.Value.Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>Who set this key, or failing that a key below it or above it; null when nobody did.</summary>
    public ConfigurationLayer? LayerOf(string key)
    {
        for (var at = key; at.Length > 0; at = Parent(at))
        {
            if (_values.TryGetValue(at, out var found))
                return found.Layer;
            var below = _values.FirstOrDefault(pair => pair.Key.StartsWith(at + ":", StringComparison.OrdinalIgnoreCase));
            if (below.Key is not null)
                return below.Value.Layer;
        }

        return null;
    }

    private void Put(ConfigurationLayer layer)
    {
        var lists = layer.Values.Keys.Select(ListOf).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var weaker in _values.Keys.Where(key => IsReplaced(key, lists, layer)).ToArray())
            _values.Remove(weaker);
        foreach (var (key, value) in layer.Values)
        {
            // An empty object in a stronger file says nothing against a weaker one's content.
            if (value is not null || !_values.ContainsKey(key))
                _values[key] = (value, layer);
        }
    }

    private static bool IsReplaced(string key, HashSet<string> lists, ConfigurationLayer layer)
    {
        for (var at = key; at.Length > 0; at = Parent(at))
        {
            // The same list from here, or one text in its place: "a;b" in the environment for a list in a file; and the other way round.
            if (ListOf(at) is { } list && (lists.Contains(list) || layer.Values.GetValueOrDefault(list) is not null))
                return true;
        }

        return lists.Contains(key);
    }

    /// <summary><c>A:Hosts</c> for <c>A:Hosts:0</c> and <c>A:Hosts:0:B</c>; null where no part is an index.</summary>
    private static string? ListOf(string key)
    {
        var start = 0;
        var parent = "";
        foreach (var part in key.Split(':'))
        {
            if (start > 0 && !Maps.Contains(parent, StringComparer.OrdinalIgnoreCase) && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                return key[..(start - 1)];
            start += part.Length + 1;
            parent = part;
        }

        return null;
    }

    private static string Parent(string key) => key.LastIndexOf(':') is var colon and >= 0 ? key[..colon] : "";
}
