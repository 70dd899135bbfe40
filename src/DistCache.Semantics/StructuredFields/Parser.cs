using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace DistCache.Semantics.StructuredFields;

/// <summary>RFC 9651 §4.2, step by step. Each method reads from the front of the rest and says false at the first mistake.</summary>
internal ref struct Parser(string text)
{
    private ReadOnlySpan<char> _rest = text.AsSpan().TrimStart(' ');

    public bool IsAtEnd()
    {
        _rest = _rest.TrimStart(' ');
        return _rest.IsEmpty;
    }

    // §4.2.1
    public bool TryList([NotNullWhen(true)] out IReadOnlyList<Member>? list)
    {
        var members = new List<Member>();
        list = null;
        while (!_rest.IsEmpty)
        {
            if (!TryMember(out var member) || !TrySeparator())
                return false;
            members.Add(member);
        }
        list = members;
        return true;
    }

    // §4.2.2
    public bool TryDictionary([NotNullWhen(true)] out IReadOnlyDictionary<string, Member>? dictionary)
    {
        var members = new OrderedDictionary<string, Member>(StringComparer.Ordinal);
        dictionary = null;
        while (!_rest.IsEmpty)
        {
            if (!TryKey(out var key) || !TryDictionaryValue(out var member) || !TrySeparator())
                return false;
            members[key] = member;
        }
        dictionary = members;
        return true;
    }

    // §4.2.3
    public bool TryItem([NotNullWhen(true)] out Item? item)
    {
        item = TryBareItem(out var value) && TryParameters(out var parameters) ? new(value, parameters) : null;
        return item is not null;
    }

    private bool TryDictionaryValue([NotNullWhen(true)] out Member? member)
    {
        if (Take('='))
            return TryMember(out member);
        member = TryParameters(out var parameters) ? new Item(new BareItem.Boolean(true), parameters) : null;
        return member is not null;
    }

    // Between two members: OWS "," OWS and then a further member; or the end.
    private bool TrySeparator()
    {
        _rest = _rest.TrimStart(" \t");
        if (_rest.IsEmpty)
            return true;
        if (!Take(','))
            return false;
        _rest = _rest.TrimStart(" \t");
        return !_rest.IsEmpty;
    }

    private bool TryMember([NotNullWhen(true)] out Member? member)
    {
        if (Take('('))
            return TryInnerList(out member);
        var parsed = TryItem(out var item);
        member = item;
        return parsed;
    }

    // §4.2.1.2, behind the parenthesis
    private bool TryInnerList([NotNullWhen(true)] out Member? list)
    {
        var items = new List<Item>();
        list = null;
        while (true)
        {
            _rest = _rest.TrimStart(' ');
            if (Take(')'))
            {
                list = TryParameters(out var parameters) ? new InnerList(items, parameters) : null;
                return list is not null;
            }
            if (!TryItem(out var item) || _rest is not [' ' or ')', ..])
                return false;
            items.Add(item);
        }
    }

    // §4.2.3.2
    private bool TryParameters(out IReadOnlyDictionary<string, BareItem> parameters)
    {
        OrderedDictionary<string, BareItem>? found = null;
        parameters = Member.NoParameters;
        while (Take(';'))
        {
            _rest = _rest.TrimStart(' ');
            BareItem? value = new BareItem.Boolean(true);
            if (!TryKey(out var key) || (Take('=') && !TryBareItem(out value)))
                return false;
            (found ??= new(StringComparer.Ordinal))[key] = value!;
        }
        parameters = found ?? parameters;
        return true;
    }

    // §4.2.3.3
    private bool TryKey([NotNullWhen(true)] out string? key)
    {
        key = _rest is [var first, ..] && Grammar.StartsKey(first) ? TakeRun(Grammar.KeyChars) : null;
        return key is not null;
    }

    // §4.2.3.1
    private bool TryBareItem([NotNullWhen(true)] out BareItem? item)
    {
        item = _rest switch
        {
            ['-' or (>= '0' and <= '9'), ..] => Number(),
            ['"', ..] => String(),
            [':', ..] => ByteSequence(),
            ['?', ..] => Boolean(),
            ['@', ..] => Date(),
            ['%', ..] => DisplayString(),
            [var first, ..] when Grammar.StartsToken(first) => new BareItem.Token(TakeRun(Grammar.TokenChars)),
            _ => null,
        };
        return item is not null;
    }

    // §4.2.4
    private BareItem? Number()
    {
        var isNegative = Take('-');
        var end = _rest.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? _rest : _rest[..end];
        _rest = _rest[digits.Length..];
        if (digits.IsEmpty)
            return null;
        if (!Take('.'))
            return digits.Length <= 15 ? new BareItem.Integer(long.Parse(digits, CultureInfo.InvariantCulture) * (isNegative ? -1 : 1)) : null;

        end = _rest.IndexOfAnyExceptInRange('0', '9');
        var fraction = end < 0 ? _rest : _rest[..end];
        _rest = _rest[fraction.Length..];
        if (digits.Length > 12 || fraction.Length is < 1 or > 3)
            return null;
        var value = decimal.Parse($"{digits}.{fraction}", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return new BareItem.Decimal(isNegative ? -value : value);
    }

    // §4.2.5
    private BareItem? String()
    {
        var value = new StringBuilder();
        for (var i = 1; i < _rest.Length; i++)
        {
            var c = _rest[i];
            if (c == '"')
            {
                _rest = _rest[(i + 1)..];
                return new BareItem.String(value.ToString());
            }
            if (c == '\\')
            {
                i++;
                if (i >= _rest.Length || _rest[i] is not ('"' or '\\'))
                    return null;
            }
            if (!Grammar.IsPrintable(_rest[i]))
                return null;
            value.Append(_rest[i]);
        }
        return null;
    }

    // §4.2.7
    private BareItem? ByteSequence()
    {
        var length = _rest[1..].IndexOf(':');
        if (length < 0)
            return null;
        var encoded = _rest.Slice(1, length);
        _rest = _rest[(length + 2)..];
        // The decoder would skip white space.
        var bytes = new byte[encoded.Length];
        return !encoded.ContainsAny(" \t\r\n") && Convert.TryFromBase64Chars(encoded, bytes, out var written)
            ? new BareItem.ByteSequence(bytes.AsMemory(0, written))
            : null;
    }

    // §4.2.8
    private BareItem? Boolean()
    {
        if (_rest is not ['?', '0' or '1', ..])
            return null;
        var value = _rest[1] == '1';
        _rest = _rest[2..];
        return new BareItem.Boolean(value);
    }

    // §4.2.9
    private BareItem? Date()
    {
        _rest = _rest[1..];
        return _rest is ['-' or (>= '0' and <= '9'), ..] && Number() is BareItem.Integer integer ? new BareItem.Date(integer.Value) : null;
    }

    // §4.2.10
    private BareItem? DisplayString()
    {
        if (_rest is not ['%', '"', ..])
            return null;
        var bytes = new ArrayBufferWriter<byte>();
        for (var i = 2; i < _rest.Length; i++)
        {
            var c = _rest[i];
            if (!Grammar.IsPrintable(c))
                return null;
            if (c == '"')
            {
                _rest = _rest[(i + 1)..];
                return Decode(bytes.WrittenSpan);
            }
            if (c != '%')
            {
                bytes.Write([(byte)c]);
                continue;
            }
            if (i + 2 >= _rest.Length || !TryHex(_rest[i + 1], out var high) || !TryHex(_rest[i + 2], out var low))
                return null;
            bytes.Write([(byte)((high << 4) | low)]);
            i += 2;
        }
        return null;
    }

    private static BareItem? Decode(ReadOnlySpan<byte> utf8) =>
        Utf8.IsValid(utf8) ? new BareItem.DisplayString(Encoding.UTF8.GetString(utf8)) : null;

    // Lower-case only.
    private static bool TryHex(char c, out int value)
    {
        value = c is >= 'a' and <= 'f' ? c - 'a' + 10 : c - '0';
        return c is (>= '0' and <= '9') or (>= 'a' and <= 'f');
    }

    private string TakeRun(SearchValues<char> chars)
    {
        var end = _rest.IndexOfAnyExcept(chars);
        var run = end < 0 ? _rest : _rest[..end];
        _rest = _rest[run.Length..];
        return run.ToString();
    }

    private bool Take(char c)
    {
        if (_rest.IsEmpty || _rest[0] != c)
            return false;
        _rest = _rest[1..];
        return true;
    }
}
