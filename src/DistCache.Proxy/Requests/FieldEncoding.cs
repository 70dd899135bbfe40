using System.Text;

namespace DistCache.Proxy.Requests;

/// <summary>
/// Latin-1, with a look at the characters while Kestrel decodes one field. This is the only place where the bytes of
/// Content-Length, Connection and HTTP/2's Host are seen as they were sent.
/// </summary>
internal abstract unsafe class FieldEncoding : Encoding
{
    /// <summary>Sees, and may change, one decoded value. A <see cref="DecoderFallbackException"/> from here is a malformed request to Kestrel.</summary>
    protected abstract void See(Span<char> value);

    public sealed override int GetCharCount(byte* bytes, int count) => count;

    public sealed override int GetCharCount(byte[] bytes, int index, int count) => count;

    // Kestrel decodes Content-Length into 20 characters, and looks at no more than 19: a longer value is cut, not thrown at.
    public sealed override int GetChars(byte* bytes, int byteCount, char* chars, int charCount)
    {
        var value = new Span<char>(chars, Math.Min(byteCount, charCount));
        Latin1.GetChars(new ReadOnlySpan<byte>(bytes, value.Length), value);
        See(value);
        return value.Length;
    }

    public sealed override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        fixed (byte* from = bytes)
        fixed (char* to = chars)
            return GetChars(from + byteIndex, byteCount, to + charIndex, chars.Length - charIndex);
    }

    public sealed override int GetMaxCharCount(int byteCount) => byteCount;

    public sealed override int GetByteCount(char[] chars, int index, int count) => count;

    public sealed override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public sealed override int GetMaxByteCount(int charCount) => charCount;
}
