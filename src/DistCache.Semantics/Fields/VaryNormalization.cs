using System.Text;

namespace DistCache.Semantics.Fields;

/// <summary>How a nominated request field is made comparable (RFC 9111 §4.1). Two requests match when their results are equal; absent equals absent only.</summary>
public static class VaryNormalization
{
    /// <summary>White space outside quoted strings normalised, lines combined in order with ", " (§4.1's minimum, always allowed); null when there is no line.</summary>
    /// <remarks>One line without odd white space comes back as the same string, without an allocation.</remarks>
    public static string? Combine(ReadOnlySpan<string?> lines)
    {
        string? first = null;
        var count = 0;
        foreach (var line in lines)
            if (line is not null)
            {
                first ??= line;
                count++;
            }
        if (count == 0 || (count == 1 && IsNormal(first)))
            return first;

        var writer = new Writer();
        foreach (var line in lines)
            if (line is not null)
                writer.Append(line);
        return writer.ToString();
    }

    // Normal: no tab; spaces single, inside, never before a comma; after a comma one space, another comma or the end.
    private static bool IsNormal(ReadOnlySpan<char> line)
    {
        if (line.IndexOfAny(' ', '\t', ',') < 0)
            return true;
        for (var i = 0; i < line.Length; i++)
            switch (line[i])
            {
                case '"' when Syntax.QuotedStringLength(line[i..]) is var length and > 0:
                    i += length - 1;
                    break;
                case '"':
                    // Never closes: left to the slow part, which looks for the end only once.
                    return false;
                case '\t':
                case ' ' when i == 0 || i == line.Length - 1 || line[i + 1] is ' ' or '\t' or ',':
                case ',' when i < line.Length - 1 && line[i + 1] is not (' ' or ','):
                    return false;
            }
        return true;
    }

    private struct Writer()
    {
        private readonly StringBuilder _text = new();
        private bool _hasLine;
        private bool _spaceDue;

        public void Append(ReadOnlySpan<char> line)
        {
            if (_hasLine)
                Comma();
            _hasLine = true;
            var quotesClose = true;
            for (var i = 0; i < line.Length; i++)
                switch (line[i])
                {
                    case ' ' or '\t':
                        _spaceDue |= _text.Length > 0;
                        break;
                    case ',':
                        Comma();
                        break;
                    case '"' when quotesClose && Syntax.QuotedStringLength(line[i..]) is var length:
                        quotesClose = length > 0;
                        length = Math.Max(1, length);
                        Text(line.Slice(i, length));
                        i += length - 1;
                        break;
                    default:
                        Text(line.Slice(i, 1));
                        break;
                }
        }

        private void Comma()
        {
            _text.Append(',');
            _spaceDue = true;
        }

        private void Text(ReadOnlySpan<char> text)
        {
            if (_spaceDue)
                _text.Append(' ');
            _spaceDue = false;
            _text.Append(text);
        }

        public override readonly string ToString() => _text.ToString();
    }
}
