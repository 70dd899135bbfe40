using System.Buffers;
using System.Text;
using DistCache.Semantics.Fields;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Records;

/// <summary>
/// What a <see cref="StoredResponse"/> says in text, as bytes in its record, and back.
/// <code>
/// identity      url, length of scheme, length of host, count of tags + 1 or 0 for none, that many tags
/// reason phrase, via version                       texts
/// variant       count, that many names, that many values
/// fields        count, for each a code or 0 and its name, then its value
/// entity tag    0: it is that of the fields; 1: a text
///
/// count, length   7 bits a byte, the lowest first, the highest bit set when more follow
/// text            0: null; else 1 + (2 x length + 1 when 16-bit), and its characters: a byte each, or two where one of them does not fit
/// </code>
/// </summary>
internal static class RecordText
{
    public static void Write(StoredResponse response, ArrayBufferWriter<byte> to)
    {
        WriteIdentity(to, response.Identity); // first: after a purge all are asked for theirs
        WriteText(to, response.ReasonPhrase);
        WriteText(to, response.ViaVersion);
        WriteNumber(to, response.Variant.Names.Length);
        foreach (var name in response.Variant.Names)
            WriteText(to, name);
        foreach (var value in response.Variant.Values)
            WriteText(to, value);
        WriteFields(to, response.Fields);
        var isOfFields = response.ETag == ETagOf(response.Fields);
        WriteNumber(to, isOfFields ? 0 : 1);
        if (!isOfFields)
            WriteText(to, response.ETag?.Text);
    }

    public static Cursor Read(ReadOnlySpan<byte> text) => new(text);

    /// <summary>What is written of the variant: the same bytes mean the same variant, and no text need be made of them.</summary>
    public static ReadOnlySpan<byte> VariantOf(ReadOnlySpan<byte> text)
    {
        var cursor = AtVariant(text);
        return cursor.VariantBytes();
    }

    /// <summary>What is written of the names of the variant's fields, as <see cref="VariantOf"/>.</summary>
    public static ReadOnlySpan<byte> NominatedOf(ReadOnlySpan<byte> text)
    {
        var cursor = AtVariant(text);
        return cursor.NominatedBytes();
    }

    private static Cursor AtVariant(ReadOnlySpan<byte> text)
    {
        var cursor = Read(text);
        cursor.SkipIdentity();
        cursor.Skip(texts: 2);
        return cursor;
    }

    private static EntityTag? ETagOf(FieldList fields) => EntityTag.TryParse(fields.Single("ETag"), out var tag) ? tag : null;

    private static void WriteFields(ArrayBufferWriter<byte> to, FieldList fields)
    {
        WriteNumber(to, fields.Count);
        for (var i = 0; i < fields.Count; i++)
        {
            var field = fields[i];
            var code = FieldNameCodes.Of(field.Name);
            to.GetSpan(1)[0] = code;
            to.Advance(1);
            if (code == FieldNameCodes.None)
                WriteText(to, field.Name);
            WriteText(to, field.Value);
        }
    }

    private static void WriteIdentity(ArrayBufferWriter<byte> to, PurgeIdentity identity)
    {
        WriteText(to, identity.Url);
        WriteNumber(to, identity.SchemeLength);
        WriteNumber(to, identity.HostLength);
        WriteNumber(to, identity.Tags is null ? 0 : identity.Tags.Count + 1);
        foreach (var tag in identity.Tags ?? [])
            WriteText(to, tag);
    }

    private static void WriteText(ArrayBufferWriter<byte> to, string? text)
    {
        if (text is null)
        {
            WriteNumber(to, 0);
            return;
        }
        var isWide = text.AsSpan().ContainsAnyExceptInRange('\0', '\xff');
        WriteNumber(to, 1 + (2 * text.Length) + (isWide ? 1 : 0));
        if (isWide)
            to.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text.AsSpan()));
        else
            to.Advance(Encoding.Latin1.GetBytes(text, to.GetSpan(text.Length)));
    }

    private static void WriteNumber(ArrayBufferWriter<byte> to, int number)
    {
        var span = to.GetSpan(5);
        var at = 0;
        for (; number >= 0x80; number >>= 7)
            span[at++] = (byte)(number | 0x80);
        span[at++] = (byte)number;
        to.Advance(at);
    }

    /// <summary>Reads in the order of writing.</summary>
    public ref struct Cursor(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _left = bytes;

        public string? Text()
        {
            var head = Number();
            if (head == 0)
                return null;
            var length = (head - 1) / 2;
            if ((head & 1) != 0)
                return Encoding.Latin1.GetString(Take(length));
            return new(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, char>(Take(2 * length)));
        }

        public VariantKey Variant()
        {
            var count = Number();
            if (count == 0)
                return VariantKey.None;
            var names = new string[count];
            var values = new string?[count];
            for (var i = 0; i < count; i++)
                names[i] = Text()!;
            for (var i = 0; i < count; i++)
                values[i] = Text();
            return new(names, values);
        }

        public FieldList Fields()
        {
            var fields = new Field[Number()];
            for (var i = 0; i < fields.Length; i++)
            {
                var code = Take(1)[0];
                fields[i] = new(code == FieldNameCodes.None ? Text()! : FieldNameCodes.NameOf(code), Text()!);
            }
            return new(fields);
        }

        public EntityTag? ETag(FieldList fields) => Number() == 0 ? ETagOf(fields) : Text() is { } text ? new EntityTag(text) : null;

        public PurgeIdentity Identity()
        {
            var url = Text()!;
            var schemeLength = Number();
            var hostLength = Number();
            var tags = Number() is var count and > 0 ? new string[count - 1] : null;
            for (var i = 0; i < tags?.Length; i++)
                tags[i] = Text()!;
            return new(url, schemeLength, hostLength, tags);
        }

        public void SkipIdentity()
        {
            Skip(texts: 1);
            Number();
            Number();
            Skip(texts: Math.Max(0, Number() - 1));
        }

        public void Skip(int texts)
        {
            for (; texts > 0; texts--)
                if (Number() is var head and > 0)
                    Take((head - 1) / 2 * ((head & 1) != 0 ? 1 : 2));
        }

        public ReadOnlySpan<byte> VariantBytes()
        {
            var all = _left;
            Skip(texts: 2 * Number());
            return all[..^_left.Length];
        }

        public ReadOnlySpan<byte> NominatedBytes()
        {
            var all = _left;
            Skip(texts: Number());
            return all[..^_left.Length];
        }

        private int Number()
        {
            var number = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = Take(1)[0];
                number |= (next & 0x7f) << shift;
                if (next < 0x80)
                    return number;
            }
        }

        private ReadOnlySpan<byte> Take(int length)
        {
            var taken = _left[..length];
            _left = _left[length..];
            return taken;
        }
    }
}
