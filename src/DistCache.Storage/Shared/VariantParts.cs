using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using DistCache.Storage.Keys;

namespace DistCache.Storage.Shared;

/// <summary>
/// The Vary part of a place. Each nominated field gives a part, so that a script in the store can put the right ones together: which names
/// count it learns only from the record that it finds there.
/// </summary>
public static class VariantParts
{
    private const int HashBytes = 12; // a place only: the envelope's own values decide

    /// <param name="name">Lower-case.</param>
    /// <param name="value">Normalised; null: the request has no such field.</param>
    public static string Of(string name, string? value)
    {
        if (value is null)
            return "-";
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{name.Length}:{name}{value}"), hash);
        return Base64Url.EncodeToString(hash[..HashBytes]);
    }

    public static string Of(VariantKey variant) =>
        string.Concat(variant.Names.Select((name, i) => ":" + Of(name, variant.Values[i])));
}

/// <summary>
/// Names that responses of this node vary on: sent along with each look-up, so that one round trip is enough. What is not known yet costs
/// one more, once.
/// </summary>
internal sealed class NominatedNames
{
    private const int Most = 48;

    private ImmutableArray<string> _names = ["accept-encoding", "origin"];

    public ImmutableArray<string> All => _names;

    public void Learn(IEnumerable<string> names) => ImmutableInterlocked.Update(
        ref _names, static (known, more) => [.. known.Union(more, StringComparer.Ordinal).Take(Most)], names);
}
