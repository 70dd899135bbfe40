using System.Buffers.Binary;
using System.IO.Hashing;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;

namespace DistCache.Storage.Shared;

/// <summary>
/// Reads what <see cref="EnvelopeWriter"/> wrote. Nothing is believed before the checksum over all of it fits; and no length is, even then.
/// </summary>
public static class EnvelopeReader
{
    /// <param name="key">Whose response it must be.</param>
    /// <param name="inlineBody">Where in <paramref name="bytes"/> the body stands; empty when it is in chunks.</param>
    public static EnvelopeFault TryRead(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, out Envelope? envelope, out Range inlineBody)
    {
        envelope = null;
        inlineBody = default;
        if (CheckSeal(bytes, EnvelopeWriter.Response) is not EnvelopeFault.None and var fault)
            return fault;
        var place = PlaceOf(bytes);
        var cursor = new Cursor(bytes[EnvelopeWriter.HeadLength..^EnvelopeWriter.ChecksumLength]);
        if (!cursor.Bytes().SequenceEqual(key))
            return EnvelopeFault.WrongKey;
        var read = new Envelope
        {
            Stamp = StampOf(bytes),
            Key = new CacheKey(key),
            Variant = ReadVariant(ref cursor),
            Identity = ReadIdentity(ref cursor),
            Status = cursor.Int(),
            ReasonPhrase = cursor.Text(),
            ViaVersion = cursor.Text() ?? "",
            Fields = ReadFields(ref cursor),
            Date = cursor.Time() ?? default,
            LastModified = cursor.Time(),
            Keep = cursor.Span(),
            Reuse = ReadReuse(ref cursor),
            Body = place,
        };
        var at = bytes.Length - EnvelopeWriter.ChecksumLength - cursor.Left;
        if (cursor.Failed || cursor.Left != (place.IsInline ? place.Length : 0) || !IsSound(read))
            return EnvelopeFault.Malformed;
        envelope = read;
        inlineBody = at..(at + cursor.Left);
        return EnvelopeFault.None;
    }

    public static Stamp StampOf(ReadOnlySpan<byte> head) => new(
        BinaryPrimitives.ReadUInt64BigEndian(head[24..]), BinaryPrimitives.ReadInt64BigEndian(head[8..]), BinaryPrimitives.ReadUInt64BigEndian(head[16..]));

    /// <summary>Where the body of that head lies; only its first bytes are needed.</summary>
    public static BodyPlace PlaceOf(ReadOnlySpan<byte> head) => new(
        BinaryPrimitives.ReadInt64BigEndian(head[32..]), BinaryPrimitives.ReadInt32BigEndian(head[40..]),
        BinaryPrimitives.ReadUInt128BigEndian(head[44..]), BinaryPrimitives.ReadUInt128BigEndian(head[60..]));

    /// <summary>Beginning, length and checksum.</summary>
    internal static EnvelopeFault CheckSeal(ReadOnlySpan<byte> bytes, byte kind)
    {
        if (bytes.Length < EnvelopeWriter.HeadLength + EnvelopeWriter.ChecksumLength)
            return EnvelopeFault.Truncated;
        if (!bytes.StartsWith(EnvelopeWriter.Magic) || bytes[4] != kind)
            return EnvelopeFault.WrongMagic;
        if (!bytes[5..8].SequenceEqual(EnvelopeWriter.Revision))
            return EnvelopeFault.UnknownRevision;
        if (BinaryPrimitives.ReadInt64BigEndian(bytes[(EnvelopeWriter.HeadLength - 8)..]) != bytes.Length)
            return EnvelopeFault.Truncated;
        return BinaryPrimitives.ReadUInt64BigEndian(bytes[^EnvelopeWriter.ChecksumLength..]) == Crc64.HashToUInt64(bytes[..^EnvelopeWriter.ChecksumLength])
            ? EnvelopeFault.None
            : EnvelopeFault.Corrupt;
    }

    private static bool IsSound(Envelope envelope) =>
        envelope.Status is >= 100 and <= 999 && envelope.Keep > TimeSpan.Zero && envelope.Reuse.InitialAge >= TimeSpan.Zero
        && envelope.Body is { Length: >= 0, ChunkSize: >= 0 } && (envelope.Body.IsInline || envelope.Body.Length / envelope.Body.ChunkSize < int.MaxValue)
        && envelope.Identity.SchemeLength >= 0 && envelope.Identity.HostLength >= 0
        && envelope.Identity.SchemeLength + 3 + envelope.Identity.HostLength <= envelope.Identity.Url.Length;

    private static VariantKey ReadVariant(ref Cursor cursor)
    {
        var count = cursor.Count();
        if (count == 0)
            return VariantKey.None;
        var names = new string[count];
        var values = new string?[count];
        for (var i = 0; i < count && !cursor.Failed; i++)
        {
            names[i] = cursor.Text() ?? "";
            values[i] = cursor.Text();
        }
        return new(names, values);
    }

    private static PurgeIdentity ReadIdentity(ref Cursor cursor)
    {
        var url = cursor.Text() ?? "";
        var schemeLength = cursor.Int();
        var hostLength = cursor.Int();
        var tags = cursor.CountOrNone() is var count and >= 0 ? new string[count] : null;
        for (var i = 0; i < tags?.Length && !cursor.Failed; i++)
            tags[i] = cursor.Text() ?? "";
        return new(url, schemeLength, hostLength, tags);
    }

    private static FieldList ReadFields(ref Cursor cursor)
    {
        var fields = new Field[cursor.Count()];
        for (var i = 0; i < fields.Length && !cursor.Failed; i++)
            fields[i] = new(cursor.Text() ?? "", cursor.Text() ?? "");
        return cursor.Failed ? FieldList.Empty : new(fields);
    }

    private static ReuseFacts ReadReuse(ref Cursor cursor)
    {
        var reuse = new ReuseFacts
        {
            InitialAge = cursor.Span(),
            Lifetime = cursor.Span(),
            StaleWhileRevalidate = cursor.Span(),
            StaleIfError = cursor.Span(),
            StaleIfUnreachable = cursor.Span(),
            LifetimeSource = (LifetimeSource)cursor.Int(),
        };
        var flags = cursor.Int();
        return reuse with { NoCache = (flags & 1) != 0, ForbidsStale = (flags & 2) != 0, HasValidator = (flags & 4) != 0 };
    }

    /// <summary>After the first thing that is not there, everything is empty and <see cref="Failed"/>.</summary>
    private ref struct Cursor(ReadOnlySpan<byte> bytes)
    {
        // No entry of a list is shorter: a count beyond that cannot be meant.
        private const int Shortest = sizeof(int);

        private ReadOnlySpan<byte> _left = bytes;

        public bool Failed { get; private set; }

        public readonly int Left => _left.Length;

        public int Int() => Take(sizeof(int)) is { Length: > 0 } taken ? BinaryPrimitives.ReadInt32BigEndian(taken) : 0;

        public int Count() => Math.Max(0, CountOrNone());

        public int CountOrNone()
        {
            var count = Int();
            Failed |= count < -1 || count > _left.Length / Shortest;
            return Failed ? 0 : count;
        }

        public TimeSpan Span() => new(Long());

        public DateTimeOffset? Time()
        {
            var ticks = Long();
            Failed |= ticks < 0 || ticks > DateTimeOffset.MaxValue.Ticks;
            return Failed || ticks == 0 ? null : new(ticks, TimeSpan.Zero);
        }

        public ReadOnlySpan<byte> Bytes() => Int() is var length and >= 0 ? Take(length) : Take(-1);

        public string? Text()
        {
            var length = Int();
            if (length == -1)
                return null;
            try
            {
                return EnvelopeWriter.Utf8.GetString(Take(length));
            }
            catch (ArgumentException)
            {
                Failed = true;
                return null;
            }
        }

        private long Long() => Take(sizeof(long)) is { Length: > 0 } taken ? BinaryPrimitives.ReadInt64BigEndian(taken) : 0;

        private ReadOnlySpan<byte> Take(int length)
        {
            Failed |= length < 0 || length > _left.Length;
            if (Failed)
                return default;
            var taken = _left[..length];
            _left = _left[length..];
            return taken;
        }
    }
}
