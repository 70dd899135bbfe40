using System.Security.Cryptography;
using System.Text;
using DistCache.Edge.Configuration;

namespace DistCache.Edge.Admin.Access;

/// <summary>Who may use the admin API. Without keys it is everybody who reaches it, and it listens on loopback only.</summary>
internal sealed class ApiKeys(IReadOnlyList<ApiKey> keys) : IEquatable<ApiKeys>
{
    public const string Section = "DistCache:Admin:Keys";

    public static readonly ApiKeys None = new([]);

    private readonly IReadOnlyList<ApiKey> _keys = keys;

    public int Count => _keys.Count;

    /// <summary>Null: no such key. All are compared, each in constant time.</summary>
    public ApiKey? Find(string key)
    {
        var hash = Encoding.ASCII.GetBytes(ApiKey.HashOf(key));
        ApiKey? found = null;
        foreach (var known in _keys)
            if (CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(known.Hash)))
                found = known;
        return found;
    }

    public bool Equals(ApiKeys? other) => other is not null && _keys.SequenceEqual(other._keys);

    public override bool Equals(object? obj) => Equals(obj as ApiKeys);

    public override int GetHashCode() => _keys.Count;

    public static ApiKeys Read(Settings settings)
    {
        var keys = new List<ApiKey>();
        foreach (var name in settings.NamesUnder(Section))
        {
            var section = $"{Section}:{name}";
            settings.OnlyKnown(section, "Hash", "Scopes");
            if (ApiKey.ReadHash(settings[$"{section}:Hash"] ?? "") is not { } hash)
                settings.Complain($"{section}:Hash", "is not sha256: and 64 hexadecimal digits", "Make a key with 'DistCache.Edge key new', and write the hash that it prints");
            else
                keys.Add(new(name, hash, ReadScopes(settings, $"{section}:Scopes")));
        }
        return new(keys);
    }

    private static Scope ReadScopes(Settings settings, string key)
    {
        var scopes = Scope.None;
        foreach (var name in settings.List(key))
        {
            if (Access.Scopes.TryParse(name, out var scope))
                scopes |= scope;
            else
                settings.Complain(key, $"'{name}' is not a scope", $"Use {string.Join(", ", Access.Scopes.Names)}");
        }
        if (scopes is Scope.None)
            settings.Complain(key, "names no scope", $"Use {string.Join(", ", Access.Scopes.Names)}");
        return scopes;
    }
}
