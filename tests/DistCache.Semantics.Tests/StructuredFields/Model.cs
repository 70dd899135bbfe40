using System.Globalization;
using System.Text;
using System.Text.Json;
using DistCache.Semantics.StructuredFields;

namespace DistCache.Semantics.Tests.StructuredFields;

/// <summary>What was parsed, written in the JSON of the public cases.</summary>
internal static class Model
{
    public static string Of(Item item) => Member(item);

    public static string Of(IEnumerable<Member> list) => Array(list.Select(Member));

    public static string Of(IEnumerable<KeyValuePair<string, Member>> dictionary) =>
        Array(dictionary.Select(pair => Array([JsonSerializer.Serialize(pair.Key), Member(pair.Value)])));

    private static string Member(Member member) => member switch
    {
        Item item => Array([Bare(item.Value), Parameters(item)]),
        InnerList list => Array([Array(list.Items.Select(Member)), Parameters(list)]),
        _ => throw new InvalidOperationException(),
    };

    private static string Parameters(Member member) =>
        Array(member.Parameters.Select(pair => Array([JsonSerializer.Serialize(pair.Key), Bare(pair.Value)])));

    private static string Bare(BareItem item) => item switch
    {
        BareItem.Integer(var value) => value.ToString(CultureInfo.InvariantCulture),
        BareItem.Decimal(var value) => value.ToString("0.0##", CultureInfo.InvariantCulture),
        BareItem.String(var value) => JsonSerializer.Serialize(value),
        BareItem.Boolean(var value) => value ? "true" : "false",
        BareItem.Token(var value) => Typed("token", JsonSerializer.Serialize(value)),
        BareItem.ByteSequence(var value) => Typed("binary", JsonSerializer.Serialize(Base32(value.Span))),
        BareItem.Date(var value) => Typed("date", value.ToString(CultureInfo.InvariantCulture)),
        BareItem.DisplayString(var value) => Typed("displaystring", JsonSerializer.Serialize(value)),
        _ => throw new InvalidOperationException(),
    };

    private static string Typed(string type, string value) => $"{{\"__type\":\"{type}\",\"value\":{value}}}";

    private static string Array(IEnumerable<string> members) => "[" + string.Join(",", members) + "]";

    // RFC 4648 §6
    private static string Base32(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        int buffer = 0, bits = 0;
        foreach (var b in bytes)
        {
            buffer = ((buffer << 8) | b) & 0xfff;
            for (bits += 8; bits >= 5; bits -= 5)
                text.Append("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(buffer >> (bits - 5)) & 31]);
        }
        if (bits > 0)
            text.Append("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(buffer << (5 - bits)) & 31]);
        return text.Append('=', (8 - (text.Length % 8)) % 8).ToString();
    }
}
