using System.IO.Hashing;

namespace DistCache.Proxy.Hits;

/// <summary>The field lines of a connection's last plain request, looked through once: the next one that repeats them need not be.</summary>
internal sealed class KnownFields(bool isHttps)
{
    /// <summary>Bytes that are remembered for a connection; a request with more of them is not plain.</summary>
    public const int Most = 2048;

    private byte[] _block = [];
    private int _length;
    private FieldPlaces _places;

    /// <summary>Up to and with the empty line. Empty: nothing is known yet.</summary>
    public ReadOnlySpan<byte> Block => _block.AsSpan(0, _length);

    public ReadOnlySpan<byte> Host => Block[_places.Host];

    /// <summary>The value of Accept-Encoding; empty, as all that follow: there is none.</summary>
    public ReadOnlySpan<byte> Encodings => Block[_places.Encodings];

    public ReadOnlySpan<byte> IfNoneMatch => Block[_places.IfNoneMatch];

    public ReadOnlySpan<byte> IfModifiedSince => Block[_places.IfModifiedSince];

    public ReadOnlySpan<byte> Range => Block[_places.Range];

    public ReadOnlySpan<byte> IfRange => Block[_places.IfRange];

    /// <summary>Else GET wants all of it.</summary>
    public bool HasConditionsOrRange { get; private set; }

    /// <summary>Of scheme and host.</summary>
    public ulong Hash { get; private set; }

    /// <summary>Of scheme, host and Accept-Encoding.</summary>
    public ulong HashWithEncodings { get; private set; }

    public void Remember(ReadOnlySpan<byte> block, in FieldPlaces places)
    {
        if (_block.Length < block.Length)
            _block = new byte[block.Length];
        block.CopyTo(_block);
        (_length, _places) = (block.Length, places);
        HasConditionsOrRange = !IfNoneMatch.IsEmpty || !IfModifiedSince.IsEmpty || !Range.IsEmpty;
        Hash = HashOf(isHttps, Host);
        HashWithEncodings = HashOf(Hash, Encodings);
    }

    public static ulong HashOf(bool isHttps, ReadOnlySpan<byte> host) => XxHash3.HashToUInt64(host, KnownHits.Seed ^ (isHttps ? 1 : 0));

    public static ulong HashOf(ulong schemeAndHost, ReadOnlySpan<byte> encodings) => XxHash3.HashToUInt64(encodings, ~(long)schemeAndHost);
}
