using System.Text;

namespace DistCache.TestKit;

/// <summary>Text and bytes, one for one: what is on the wire can be written in a test as it is (RFC 9112 §2.2).</summary>
public static class Latin1
{
    /// <summary>The bytes of <paramref name="text"/>; a character above U+00FF is a mistake of the test and throws.</summary>
    public static byte[] Bytes(string text)
    {
        foreach (var character in text)
            if (character > 0xFF)
                throw new ArgumentException($"U+{(int)character:X4} is no byte: write its UTF-8 bytes one by one.", nameof(text));
        return Encoding.Latin1.GetBytes(text);
    }

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>Text for a failure message: controls and bytes outside ASCII as escapes, cut at <paramref name="limit"/> characters.</summary>
    public static string Show(ReadOnlySpan<byte> bytes, int limit = 600)
    {
        var shown = new StringBuilder();
        foreach (var value in bytes)
        {
            if (shown.Length >= limit)
                return shown.Append("... (").Append(bytes.Length).Append(" bytes)").ToString();
            _ = value switch
            {
                (byte)'\r' => shown.Append("\\r"),
                (byte)'\n' => shown.Append("\\n"),
                < 0x20 or >= 0x7F => shown.Append("\\x").Append(value.ToString("X2", null)),
                _ => shown.Append((char)value),
            };
        }

        return shown.ToString();
    }
}
