using System.Security.Cryptography;
using System.Text;

namespace DistCache.Edge.Admin.Access;

/// <summary><c>DistCache:Admin:Keys:{name}</c>: the hash of a key, and its scopes. The key itself is nowhere.</summary>
/// <param name="Hash">SHA-256 in lower-case hexadecimal.</param>
internal sealed record ApiKey(string Name, string Hash, Scope Scopes)
{
    private const string Algorithm = "sha256:";

    // 256 random bits need no slow hash: there is nothing to guess.
    private const int Bytes = 32;

    /// <summary>A new key, and what is written of it.</summary>
    public static (string Key, string Hash) Make()
    {
        var key = "dc_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return (key, Algorithm + HashOf(key));
    }

    public static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>Null: it is not <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public static string? ReadHash(string text)
    {
        try
        {
            return text.StartsWith(Algorithm, StringComparison.Ordinal) && Convert.FromHexString(text[Algorithm.Length..]) is { Length: SHA256.HashSizeInBytes } hash ? Convert.ToHexStringLower(hash) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
