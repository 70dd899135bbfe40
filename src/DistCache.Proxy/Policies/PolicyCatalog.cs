using System.Collections.Frozen;
using DistCache.Semantics.Storing;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Policies;

/// <summary>The policies of <c>DistCache:Policies:{name}</c>, by name (case-insensitive). One immutable snapshot.</summary>
public sealed class PolicyCatalog
{
    private static readonly string[] KnownKeys = ["Preset"];

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
        {
            foreach (var child in section.GetChildren())
                if (!KnownKeys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                    errors.Add($"{child.Path}: unknown key; a policy has {string.Join(", ", KnownKeys)}.");
            if (ReadPreset(section, errors) is { } preset)
                policies.Add(new() { Name = section.Key, Caching = CachingOptions.For(preset) });
        }
        return new(policies);
    }

    private static Preset? ReadPreset(IConfigurationSection section, ICollection<string> errors)
    {
        var text = section["Preset"];
        if (string.IsNullOrEmpty(text))
            return Preset.Safe;
        if (Enum.TryParse<Preset>(text, ignoreCase: true, out var preset) && Enum.IsDefined(preset) && !char.IsAsciiDigit(text[0]))
            return preset;
        errors.Add($"{section.Path}:Preset: '{text}' is not a preset; write safe or rfc9111.");
        return null;
    }
}
