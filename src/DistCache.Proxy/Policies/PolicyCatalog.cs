using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using DistCache.Geo.Places;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Policies;

/// <summary>The policies of <c>DistCache:Policies:{name}</c>, by name (case-insensitive). One immutable snapshot.</summary>
public sealed class PolicyCatalog
{
    private readonly FrozenDictionary<string, CachePolicy> _policies;

    private PolicyCatalog(IEnumerable<CachePolicy> policies) =>
        _policies = policies.ToFrozenDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);

    public IEnumerable<string> Names => _policies.Keys.Order(StringComparer.OrdinalIgnoreCase);

    internal IEnumerable<CachePolicy> All => _policies.Values;

    public CachePolicy? Find(string name) => _policies.GetValueOrDefault(name);

    /// <summary>Without groups of countries of an operator's.</summary>
    public static PolicyCatalog Read(IConfiguration configuration, ICollection<string> errors) => Read(configuration, CountryGroups.Default, errors);

    /// <summary>Reads the whole section; every error names its key and the remedy.</summary>
    public static PolicyCatalog Read(IConfiguration configuration, CountryGroups groups, ICollection<string> errors)
    {
        var policies = new List<CachePolicy>();
        foreach (var section in configuration.GetSection("DistCache:Policies").GetChildren())
            policies.Add(new PolicyReader(section, groups, errors).Read(RevisionOf(section)));
        return new(policies);
    }

    private static string RevisionOf(IConfigurationSection section)
    {
        var lines = section.AsEnumerable(makePathsRelative: true).Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)))[..8]);
    }
}
