namespace DistCache.Proxy.Requests;

/// <summary>
/// Content-Length is digits only (RFC 9110 §8.6). Kestrel parses the decoded text leniently (<c>+1</c>, a vertical tab), so every
/// other character becomes a letter, which no parser takes.
/// </summary>
internal sealed class ContentLengthEncoding : FieldEncoding
{
    protected override void See(Span<char> value)
    {
        foreach (ref var c in value)
            if (!char.IsAsciiDigit(c))
                c = 'x';
    }
}
