using System.Collections.Frozen;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Policies;

/// <summary>The policies of <c>DistCache:Policies:{name}</c>, by name (case-insensitive). One immutable snapshot.</summary>
public sealed class PolicyCatalog
{
    private readonly FrozenDictionary<string, CachePolicy> _policies;

    private PolicyCatalog(IEnumerable<CachePolicy> policies) =>
        _policies = policies.ToFrozenDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);

    public IEnumerable<string> Names => _policies.Keys.Order(StringComparer.OrdinalIgnoreCase);

    public CachePolicy? Find(string name) => _policies.GetValueOrDefault(name);

    /// <summary>Reads the whole section; every error names its key and the remedy.</summary>
    public static PolicyCatalog Read(IConfiguration configuration, ICollection<string> errors)
    {
        var policies = new List<CachePolicy>();
        foreach (var section in configuration.GetSection("DistCache:Policies").GetChildren())
            policies.Add(new(section.Key, new PolicyReader(section, errors).Read()));
        return new(policies);
    }
}
