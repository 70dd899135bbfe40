using CsCheck;
using DistCache.Semantics.Fields;
using DistCache.TestKit;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>RFC 9110 §12.5.5, RFC 9111 §4.1, rules 8 and 30: Vary and what it makes comparable.</summary>
public class VaryFuzzTests
{
    private static readonly Gen<string[]> Lines = Fuzz.Near("Accept-Encoding", "accept, ACCEPT,, Cookie", "*", "a, *", "a b", "").Array[0, 3];

    private static readonly Gen<string> Value = Fuzz.Near("gzip, br", " gzip ,br  ;q=0.5", "\"a , b\",c", "a,,b, ,c", "\"open  , a", "\t");

    [Fact]
    public void Names_are_what_a_slow_reader_finds_and_the_same_when_read_again() => Fuzz.Holds(Lines, lines =>
    {
        var members = lines.SelectMany(SlowReader.Members).ToList();
        var isStar = members.Exists(member => member == "*" || !SlowReader.IsToken(member));
        var read = VaryField.Read(lines);
        Assert.Equal(isStar, read.IsStar);
        Assert.Equal(isStar ? [] : members.Select(member => member.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal), read.Names);
        var again = VaryField.Read([string.Join(",", read.Names)]);
        Assert.False(again.IsStar);
        Assert.Equal(read.Names, again.Names);
    }, lines => string.Join(" | ", lines.Select(Fuzz.Show)));

    [Fact]
    public void A_combined_value_is_its_own_normal_form_and_loses_white_space_only() => Fuzz.Holds(Value, value =>
    {
        var normal = VaryNormalization.Combine([value])!;
        Assert.Equal(normal, VaryNormalization.Combine([normal]));
        Assert.Equal(Bare(value), Bare(normal));
        Assert.True(normal.Length <= value.Length + value.Count(c => c == ','), normal);
    });

    [Fact]
    public void Two_lines_are_the_list_of_both() => Fuzz.Holds(Gen.Select(Value, Value), pair =>
    {
        // An open quote would close in the other line.
        if (!(pair.Item1 + pair.Item2).Contains('"'))
            Assert.Equal(VaryNormalization.Combine([$"{pair.Item1},{pair.Item2}"]), VaryNormalization.Combine([pair.Item1, null, pair.Item2]));
    }, pair => Fuzz.Show(pair.Item1) + " " + Fuzz.Show(pair.Item2));

    private static string Bare(string value) => value.Replace(" ", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal);
}
