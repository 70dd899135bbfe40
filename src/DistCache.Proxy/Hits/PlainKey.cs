namespace DistCache.Proxy.Hits;

/// <summary>All of a plain request that selects the response, as the client sent it.</summary>
internal readonly ref struct PlainKey
{
    private const byte Https = 1;
    private const byte Varies = 2;

    public PlainKey(KnownFields fields, bool isHttps, ReadOnlySpan<byte> target, bool byEncodings)
    {
        Form = FormOf(isHttps, byEncodings);
        Host = fields.Host;
        Target = target;
        Encodings = byEncodings ? fields.Encodings : default;
        Id = KnownHits.HashOf(byEncodings ? fields.HashWithEncodings : fields.Hash, target);
    }

    /// <param name="byEncodings">Whether the answer varies by Accept-Encoding.</param>
    /// <param name="encodings">Its value; empty: the request has none.</param>
    public PlainKey(bool isHttps, ReadOnlySpan<byte> host, ReadOnlySpan<byte> target, bool byEncodings, ReadOnlySpan<byte> encodings)
    {
        Form = FormOf(isHttps, byEncodings);
        Host = host;
        Target = target;
        Encodings = byEncodings ? encodings : default;
        var hash = KnownFields.HashOf(isHttps, host);
        Id = KnownHits.HashOf(byEncodings ? KnownFields.HashOf(hash, encodings) : hash, target);
    }

    /// <summary>Of all of it.</summary>
    public ulong Id { get; }

    /// <summary>Scheme, and what it consists of.</summary>
    public byte Form { get; }

    public ReadOnlySpan<byte> Host { get; }

    public ReadOnlySpan<byte> Target { get; }

    /// <summary>Accept-Encoding; empty as well where it does not matter.</summary>
    public ReadOnlySpan<byte> Encodings { get; }

    /// <summary>Bytes of its texts.</summary>
    public int Length => Host.Length + Target.Length + Encodings.Length;

    public bool IsByEncodings => (Form & Varies) != 0;

    private static byte FormOf(bool isHttps, bool byEncodings) => (byte)((isHttps ? Https : 0) | (byEncodings ? Varies : 0));
}
