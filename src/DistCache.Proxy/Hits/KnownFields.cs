using System.IO.Hashing;

namespace DistCache.Proxy.Hits;

/// <summary>The field lines of a connection's last plain request, looked through once: the next one that repeats them need not be.</summary>
internal sealed class KnownFields(bool isHttps)
{
    /// <summary>Bytes that are remembered for a connection; a request with more of them is not plain.</summary>
    public const int Most = 2048;

    private byte[] _block = [];
    private int _length;
    private Range _host;

    /// <summary>Up to and with the empty line. Empty: nothing is known yet.</summary>
    public ReadOnlySpan<byte> Block => _block.AsSpan(0, _length);

    public ReadOnlySpan<byte> Host => Block[_host];

    /// <summary>Of scheme and host.</summary>
    public ulong Hash { get; private set; }

    public void Remember(ReadOnlySpan<byte> block, Range host)
    {
        if (_block.Length < block.Length)
            _block = new byte[block.Length];
        block.CopyTo(_block);
        (_length, _host) = (block.Length, host);
        Hash = HashOf(isHttps, Host);
    }

    public static ulong HashOf(bool isHttps, ReadOnlySpan<byte> host) => XxHash3.HashToUInt64(host, KnownHits.Seed ^ (isHttps ? 1 : 0));
}
