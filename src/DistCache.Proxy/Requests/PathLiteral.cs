using System.Buffers;
using System.Text;

namespace DistCache.Proxy.Requests;

/// <summary>
/// Paths as operators write them in configuration, in the spelling that the data port compares and sends: <c>/café menu</c>
/// becomes <c>/caf%C3%A9%20menu</c>. A valid escape is an escape; a <c>%</c> without two digits is a percent sign.
/// </summary>
internal static class PathLiteral
{
    private static readonly SearchValues<char> Wire = SearchValues.Create(
        [.. Enumerable.Range(0x21, 0x7f - 0x21).Select(c => (char)c).Where(c => c is not ('#' or '?'))]);

    /// <summary>Whether every character may stand in a path on the wire.</summary>
    public static bool IsWire(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Wire);

    /// <summary>The canonical escaped spelling, character by character; segments are left as they are.</summary>
    public static string Canonicalize(ReadOnlySpan<char> text)
    {
        var output = new StringBuilder(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && Wire.Contains((char)rune.Value))
            {
                output.Append((char)rune.Value);
                continue;
            }

            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                output.Append('%').Append(value.ToString("X2", null));
        }

        for (var i = 0; i < output.Length; i++)
            if (output[i] == '%')
                i = ResolveEscape(output, i);
        return output.ToString();
    }

    /// <summary>A template of routes or of <c>PathPattern</c>: everything outside <c>{parameters}</c>.</summary>
    public static string CanonicalizeTemplate(string template)
    {
        var output = new StringBuilder(template.Length);
        for (var i = 0; i < template.Length;)
        {
            var brace = template.AsSpan(i).IndexOf('{');
            var literal = brace < 0 ? template.AsSpan(i) : template.AsSpan(i, brace);
            output.Append(Canonicalize(literal));
            i += literal.Length;
            if (brace < 0)
                break;
            var end = template.AsSpan(i).StartsWith("{{") ? i + 2 : ParameterEnd(template, i);
            output.Append(template.AsSpan(i, end - i));
            i = end;
        }

        return output.ToString();
    }

    /// <summary>Behind the brace that closes the parameter at <paramref name="start"/>; doubled braces inside belong to a constraint.</summary>
    private static int ParameterEnd(string template, int start)
    {
        for (var i = start + 1; i < template.Length; i++)
        {
            if (template[i] != '}')
                continue;
            if (i + 1 >= template.Length || template[i + 1] != '}')
                return i + 1;
            i++;
        }

        return template.Length; // Unclosed: the route parser says so.
    }

    private static int ResolveEscape(StringBuilder output, int at)
    {
        if (at + 2 >= output.Length || !char.IsAsciiHexDigit(output[at + 1]) || !char.IsAsciiHexDigit(output[at + 2]))
        {
            output.Insert(at + 1, "25");
            return at + 2;
        }

        var value = (char)Convert.ToByte($"{output[at + 1]}{output[at + 2]}", 16);
        if (char.IsAsciiLetterOrDigit(value) || value is '-' or '.' or '_' or '~')
        {
            output.Remove(at, 2)[at] = value;
            return at;
        }

        output[at + 1] = char.ToUpperInvariant(output[at + 1]);
        output[at + 2] = char.ToUpperInvariant(output[at + 2]);
        return at + 2;
    }
}
