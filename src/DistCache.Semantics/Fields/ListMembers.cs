namespace DistCache.Semantics.Fields;

/// <summary>
/// Members of one line of a comma-separated list (RFC 9110 §5.6.1): outer white space trimmed, empty ones skipped, commas inside a
/// quoted-string are text. A quote that never closes is an ordinary character: swallowing the rest would lose a no-store behind it.
/// </summary>
internal ref struct ListMembers(ReadOnlySpan<char> line)
{
    private ReadOnlySpan<char> _rest = line;

    // Once a quote was found to stay open, every later one does too: looking again for each would make hostile lines quadratic.
    private bool _quotesClose = true;

    public ReadOnlySpan<char> Current { get; private set; }

    public readonly ListMembers GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            var end = EndOfMember();
            Current = Syntax.Trim(_rest[..end]);
            _rest = end < _rest.Length ? _rest[(end + 1)..] : default;
            if (!Current.IsEmpty)
                return true;
        }
        return false;
    }

    private int EndOfMember()
    {
        for (var i = 0; i < _rest.Length; i++)
        {
            if (_rest[i] == ',')
                return i;
            if (_rest[i] == '"' && _quotesClose)
            {
                var length = Syntax.QuotedStringLength(_rest[i..]);
                _quotesClose = length > 0;
                i += Math.Max(0, length - 1);
            }
        }
        return _rest.Length;
    }
}
