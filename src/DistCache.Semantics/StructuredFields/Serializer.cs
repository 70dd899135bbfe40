using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace DistCache.Semantics.StructuredFields;

/// <summary>RFC 9651 §4.1: the one canonical spelling.</summary>
internal sealed class Serializer
{
    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    // §4.1.1
    public bool TryList(IEnumerable<Member> members)
    {
        foreach (var member in members)
        {
            Separate();
            if (!TryMember(member))
                return false;
        }
        return true;
    }

    // §4.1.2
    public bool TryDictionary(IEnumerable<KeyValuePair<string, Member>> members)
    {
        foreach (var (key, member) in members)
        {
            Separate();
            if (!TryKey(key) || !TryDictionaryValue(member))
                return false;
        }
        return true;
    }

    // §4.1.3
    public bool TryItem(Item item) => TryBareItem(item.Value) && TryParameters(item.Parameters);

    private bool TryDictionaryValue(Member member)
    {
        if (member is Item { Value: BareItem.Boolean { Value: true } })
            return TryParameters(member.Parameters);
        _text.Append('=');
        return TryMember(member);
    }

    private bool TryMember(Member member) => member switch
    {
        Item item => TryItem(item),
        InnerList list => TryInnerList(list),
        _ => false,
    };

    // §4.1.1.1
    private bool TryInnerList(InnerList list)
    {
        _text.Append('(');
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (i > 0)
                _text.Append(' ');
            if (!TryItem(list.Items[i]))
                return false;
        }
        _text.Append(')');
        return TryParameters(list.Parameters);
    }

    // §4.1.1.2
    private bool TryParameters(IReadOnlyDictionary<string, BareItem> parameters)
    {
        foreach (var (key, value) in parameters)
        {
            _text.Append(';');
            if (!TryKey(key))
                return false;
            if (value is BareItem.Boolean { Value: true })
                continue;
            _text.Append('=');
            if (!TryBareItem(value))
                return false;
        }
        return true;
    }

    // §4.1.1.3
    private bool TryKey(string key) => TryAppend(Grammar.IsKey(key) ? key : null);

    // §4.1.3.1
    private bool TryBareItem(BareItem item) => TryAppend(item switch
    {
        BareItem.Integer(var value) => Integer(value),
        BareItem.Decimal(var value) => Decimal(value),
        BareItem.String(var value) => String(value),
        BareItem.Token(var value) => Grammar.IsToken(value) ? value : null,
        BareItem.ByteSequence(var value) => ":" + Convert.ToBase64String(value.Span) + ":",
        BareItem.Boolean(var value) => value ? "?1" : "?0",
        BareItem.Date(var seconds) => Integer(seconds) is { } integer ? "@" + integer : null,
        BareItem.DisplayString(var value) => DisplayString(value),
        _ => null,
    });

    private static string? Integer(long value) =>
        value is >= -Grammar.LargestInteger and <= Grammar.LargestInteger ? value.ToString(CultureInfo.InvariantCulture) : null;

    // §4.1.5: three places, a half goes to the even digit.
    private static string? Decimal(decimal value)
    {
        var rounded = Math.Round(value, 3, MidpointRounding.ToEven);
        return Math.Abs(rounded) <= Grammar.LargestDecimal ? rounded.ToString("0.0##", CultureInfo.InvariantCulture) : null;
    }

    private static string? String(string value)
    {
        foreach (var c in value)
            if (!Grammar.IsPrintable(c))
                return null;
        return "\"" + value.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
    }

    // §4.1.11; a lone surrogate has no UTF-8.
    private static string? DisplayString(string value)
    {
        var utf8 = new byte[Encoding.UTF8.GetMaxByteCount(value.Length)];
        if (Utf8.FromUtf16(value, utf8, out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
            return null;
        var text = new StringBuilder("%\"");
        foreach (var b in utf8.AsSpan(0, written))
            if (b is (byte)'%' or (byte)'"' || !Grammar.IsPrintable((char)b))
                text.Append(CultureInfo.InvariantCulture, $"%{b:x2}");
            else
                text.Append((char)b);
        return text.Append('"').ToString();
    }

    private bool TryAppend(string? text)
    {
        _text.Append(text);
        return text is not null;
    }

    private void Separate()
    {
        if (_text.Length > 0)
            _text.Append(", ");
    }
}
