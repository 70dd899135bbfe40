using System.Globalization;
using System.IO.Hashing;

namespace DistCache.TestKit;

/// <summary>
/// What a <see cref="VersionedOrigin"/> serves: a body that says which key and which version it is, with a sum over both, so that a mixed, cut or
/// foreign body shows.
/// </summary>
public sealed record VersionedPage(int Key, long Version)
{
    /// <summary>Padding: some bodies are longer than one piece.</summary>
    public const int Padding = 200;

    public static string TargetOf(int key) => $"/k/{key.ToString(CultureInfo.InvariantCulture)}";

    public static int? KeyOf(string target) =>
        target.StartsWith("/k/", StringComparison.Ordinal) && int.TryParse(target.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var key) ? key : null;

    public byte[] ToBytes()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Key} {Version} ").PadRight(Padding, '.');
        var bytes = Latin1.Bytes(text + "\n0000000000000000");
        Latin1.Bytes(Crc64.HashToUInt64(bytes.AsSpan(0, Padding)).ToString("x16", CultureInfo.InvariantCulture)).CopyTo(bytes, Padding + 1);
        return bytes;
    }

    /// <summary>Null: not a page that such an origin ever made.</summary>
    public static VersionedPage? Parse(ReadOnlySpan<byte> body)
    {
        var words = Latin1.Text(body).Split(' ', 3);
        if (words.Length != 3
            || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var key)
            || !long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return null;
        var page = new VersionedPage(key, version);
        return body.SequenceEqual(page.ToBytes()) ? page : null;
    }
}
