using System.Globalization;
using CsCheck;
using DistCache.Semantics.StructuredFields;

namespace DistCache.Semantics.Tests.StructuredFields;

public class SerializerTests
{
    private static string? Spell(BareItem value) => StructuredField.TrySerialize(new Item(value), out var text) ? text : null;

    [Theory]
    [InlineData("9651 §4.1.4", 999_999_999_999_999, "999999999999999")]
    [InlineData("9651 §4.1.4", -999_999_999_999_999, "-999999999999999")]
    [InlineData("9651 §4.1.4: 16 digits", 1_000_000_000_000_000, null)]
    [InlineData("9651 §4.1.4: 16 digits", -1_000_000_000_000_000, null)]
    public void Integers_have_15_digits_at_most(string clause, long value, string? expected)
    {
        Assert.True(expected == Spell(new BareItem.Integer(value)), clause);
        Assert.True((expected is null ? null : "@" + expected) == Spell(new BareItem.Date(value)), clause);
    }

    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("-0.5", "-0.5")]
    [InlineData("1.2300", "1.23")]
    [InlineData("0.0005", "0.0")]
    [InlineData("0.0015", "0.002")]
    [InlineData("999999999999.999", "999999999999.999")]
    [InlineData("999999999999.9995", null)]
    [InlineData("1000000000000", null)]
    public void Decimals_round_half_to_even_in_three_places_and_12_digits(string value, string? expected) =>
        Assert.Equal(expected, Spell(new BareItem.Decimal(decimal.Parse(value, CultureInfo.InvariantCulture))));

    [Theory]
    [InlineData("a \"quoted\" \\ text", "\"a \\\"quoted\\\" \\\\ text\"")]
    [InlineData("tab\t", null)]
    [InlineData("\u00fc", null)]
    [InlineData("\u007f", null)]
    public void Strings_are_printable_ASCII(string value, string? expected) => Assert.Equal(expected, Spell(new BareItem.String(value)));

    [Theory]
    [InlineData("*a/b:c", "*a/b:c")]
    [InlineData("", null)]
    [InlineData("1a", null)]
    [InlineData("a b", null)]
    public void Tokens_keep_to_their_grammar(string value, string? expected) => Assert.Equal(expected, Spell(new BareItem.Token(value)));

    [Theory]
    [InlineData("f\u00fc\u00fc", "%\"f%c3%bc%c3%bc\"")]
    [InlineData("100% \"x\"", "%\"100%25 %22x%22\"")]
    public void Display_strings_are_percent_encoded_UTF8(string value, string? expected) => Assert.Equal(expected, Spell(new BareItem.DisplayString(value)));

    // Not a row: attributes keep their text as UTF-8 and would lose it.
    [Fact]
    public void A_lone_surrogate_has_no_UTF8() => Assert.Null(Spell(new BareItem.DisplayString("\ud800")));

    [Fact]
    public void A_key_that_is_none_fails()
    {
        Assert.False(StructuredField.TrySerialize([new KeyValuePair<string, Member>("A", new Item(new BareItem.Integer(1)))], out _));
        var item = new Item(new BareItem.Integer(1), new Dictionary<string, BareItem> { ["a b"] = new BareItem.Integer(2) });
        Assert.False(StructuredField.TrySerialize(item, out _));
    }

    [Fact]
    public void An_inner_list_with_parameters()
    {
        var list = new InnerList([new Item(new BareItem.Token("a")), new Item(new BareItem.Boolean(false))], new Dictionary<string, BareItem> { ["q"] = new BareItem.Boolean(true) });
        Assert.True(StructuredField.TrySerialize([list], out var text));
        Assert.Equal("(a ?0);q", text);
    }

    [Fact]
    public void What_parses_spells_to_a_fixed_point() =>
        Gen.String[Gen.Char["ab1-.:;,=()?@%\"\\ \t*"], 0, 20].Sample(
            line => !StructuredField.TryParseDictionary([line], out var first)
                || (StructuredField.TrySerialize(first, out var once)
                    && StructuredField.TryParseDictionary([once], out var second)
                    && StructuredField.TrySerialize(second, out var twice)
                    && once == twice),
            iter: 200_000);
}
