using System.Buffers.Binary;

namespace DistCache.LoadTests.Soak;

/// <summary>
/// The origin's objects. Every byte follows from number and version, so a byte of another object, or of an older version, is known for what
/// it is. Layout: number (4 B) | version (4 B) | noise of both.
/// </summary>
internal sealed class Content(int objects)
{
    public const int Shortest = 512;
    private const int Longest = 512 << 10;
    private const int Header = 8;

    private readonly int[] _versions = new int[objects];

    public int Objects => objects;

    public long Bytes => Enumerable.Range(0, objects).Sum(number => (long)LengthOf(number));

    public int VersionOf(int number) => Volatile.Read(ref _versions[number]);

    public void Change(int number) => Interlocked.Increment(ref _versions[number]);

    /// <summary>Sizes as the web has them: many small ones, a few large.</summary>
    public static int LengthOf(int number)
    {
        var share = (Mix((uint)number) >> 11) / (double)(1UL << 53);
        return (int)(Shortest * Math.Pow((double)Longest / Shortest, Math.Pow(share, 1.6)));
    }

    public static byte[] Body(int number, int version)
    {
        var body = new byte[LengthOf(number)];
        BinaryPrimitives.WriteInt32LittleEndian(body, number);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), version);
        Noise(number, version, 0, body.AsSpan(Header));
        return body;
    }

    /// <summary>Throws when these are not the bytes of some version of it, at least <paramref name="leastVersion"/>.</summary>
    public static void Check(int number, int leastVersion, ReadOnlySpan<byte> body)
    {
        if (body.Length != LengthOf(number))
            throw new InvalidDataException($"/{number}: {body.Length} bytes instead of {LengthOf(number)}");
        var (said, version) = (BinaryPrimitives.ReadInt32LittleEndian(body), BinaryPrimitives.ReadInt32LittleEndian(body[4..]));
        if (said != number)
            throw new InvalidDataException($"/{number}: the body of /{said}");
        CheckVersion(number, version, leastVersion);
        Span<byte> expected = stackalloc byte[1024];
        for (var at = Header; at < body.Length; at += expected.Length)
        {
            var piece = body[at..Math.Min(body.Length, at + expected.Length)];
            Noise(number, version, (at - Header) / sizeof(ulong), expected);
            if (!piece.SequenceEqual(expected[..piece.Length]))
                throw new InvalidDataException($"/{number}: wrong bytes from {at} on");
        }
    }

    /// <summary>Throws when it is older than <paramref name="leastVersion"/>.</summary>
    public static void CheckVersion(int number, int version, int leastVersion)
    {
        if (version < leastVersion)
            throw new InvalidDataException($"/{number}: version {version}, although {leastVersion} was purged for before the request");
    }

    private static void Noise(int number, int version, int from, Span<byte> into)
    {
        var seed = ((ulong)(uint)number << 32) | (uint)version;
        Span<byte> last = stackalloc byte[sizeof(ulong)];
        for (; into.Length >= sizeof(ulong); into = into[sizeof(ulong)..])
            BinaryPrimitives.WriteUInt64LittleEndian(into, Mix(seed + ((ulong)from++ * 0x9E37_79B9_7F4A_7C15)));
        BinaryPrimitives.WriteUInt64LittleEndian(last, Mix(seed + ((ulong)from * 0x9E37_79B9_7F4A_7C15)));
        last[..into.Length].CopyTo(into);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
