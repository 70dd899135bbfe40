using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Hops;

/// <summary><c>DistCache:Fleet:Secret</c>: what the nodes of a fleet know each other by. 32 characters or more, the same on every node.</summary>
internal sealed class HopSecret
{
    public const string Section = "DistCache:Fleet";
    public const string Key = "DistCache:Fleet:Secret";
    private const int LeastLength = 32;

    private readonly byte[] _key;

    public HopSecret(string text) => _key = Encoding.UTF8.GetBytes(text);

    /// <summary>Null: there is none, or none that can be used.</summary>
    public static HopSecret? Read(IConfiguration configuration, ICollection<string> errors)
    {
        foreach (var child in configuration.GetSection(Section).GetChildren())
            if (!child.Path.Equals(Key, StringComparison.OrdinalIgnoreCase))
                errors.Add($"{child.Path}: there is no such setting; {Section} has Secret.");
        if (configuration[Key] is not { Length: > 0 } text)
            return null;
        if (text.Length >= LeastLength)
            return new(text);
        errors.Add($"{Key}: is shorter than {LeastLength} characters; take what openssl rand -hex 32 gives, on every node the same.");
        return null;
    }

    /// <summary>HMAC-SHA256 (RFC 2104), in hexadecimal.</summary>
    public string Sign(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));

    public bool Verifies(string text, string signature) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(text)), Encoding.UTF8.GetBytes(signature));
}
