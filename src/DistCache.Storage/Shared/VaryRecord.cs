using System.Buffers;
using System.Text;

namespace DistCache.Storage.Shared;

/// <summary>
/// What stands in the place of a key whose responses vary: the nominated names. A hint only (rule 18): the names and values in the
/// envelope itself decide. Scripts in the store read it, so it is plain.
/// <code>
///   0 32  as an envelope begins, kind 'V'
///  32  .  names, lower-case, separated by commas
/// </code>
/// </summary>
public static class VaryRecord
{
    public const int HeadLength = 32;

    /// <summary>More names than that are not followed: such a response stays in memory.</summary>
    public const int MostNames = 16;

    public static byte[] Write(in Stamp stamp, IReadOnlyList<string> names)
    {
        var output = new ArrayBufferWriter<byte>(HeadLength + 64);
        EnvelopeWriter.WriteHead(output, EnvelopeWriter.Names, stamp);
        output.Write(Encoding.ASCII.GetBytes(string.Join(',', names)));
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Empty: they are no names.</summary>
    public static string[] ReadNames(ReadOnlySpan<byte> names)
    {
        var read = Encoding.Latin1.GetString(names).Split(',');
        return read.Length <= MostNames && Array.TrueForAll(read, IsName) ? read : [];
    }

    /// <summary>A token (RFC 9110 §5.6.2) in lower case.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
