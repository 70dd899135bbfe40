using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace DistCache.Proxy.Policies;

/// <summary>
/// A route's metadata that carries its policy. YARP keeps a route that has not changed, metadata compared by content: the policy's
/// revision is part of it, so that a policy that has changed makes a new route.
/// </summary>
internal sealed class PolicyMetadata : IReadOnlyDictionary<string, string>
{
    private readonly Dictionary<string, string> _values;

    public PolicyMetadata(CachePolicy policy, IReadOnlyDictionary<string, string>? written)
    {
        Policy = policy;
        _values = new(written ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase)
        {
            ["DistCache.Policy"] = policy.Name,
            ["DistCache.Policy.Revision"] = policy.Revision,
        };
    }

    public CachePolicy Policy { get; }

    public string this[string key] => _values[key];

    public IEnumerable<string> Keys => _values.Keys;

    public IEnumerable<string> Values => _values.Values;

    public int Count => _values.Count;

    public bool ContainsKey(string key) => _values.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _values.TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
