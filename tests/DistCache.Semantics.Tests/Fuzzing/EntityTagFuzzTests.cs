using System.Text.RegularExpressions;
using CsCheck;
using DistCache.Semantics.Conditions;
using DistCache.Semantics.Fields;
using DistCache.TestKit;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>RFC 9110 §8.8.3, §13.1.2: entity-tags and their lists.</summary>
public partial class EntityTagFuzzTests
{
    private static readonly Gen<string> Text = Fuzz.Near("\"a\"", "W/\"a\"", "\"\"", "w/\"a\"", "\"a,b\"", "\"a\\\"", "\"\u00e9\"", "*", "a");

    private static readonly Gen<string> List = Fuzz.Near("\"a\", W/\"b\"", "W/\"a\",\"b,c\" , \"d\"", "*", "a, \"a\"", "\"b\" \"a\"", "\"x\"y, \"a\"", "\"\\\", \"a\"");

    [Fact]
    public void It_is_one_exactly_when_the_grammar_says_so() => Fuzz.Holds(Text, text =>
    {
        Assert.Equal(SlowReader.IsEntityTag(text), EntityTag.TryParse(text, out var tag));
        if (!EntityTag.TryParse(text, out tag))
            return;
        Assert.Equal(text.Trim(' ', '\t'), tag.Text);
        Assert.True(tag.WeakEquals(tag));
        Assert.Equal(!tag.IsWeak, tag.StrongEquals(tag));
        Assert.True(ClientConditions.IsNotModified([tag.Text], [], tag, null, Make.Now));
    });

    [Fact]
    public void Two_are_the_same_whichever_is_asked_first() => Fuzz.Holds(Gen.Select(Text, Text), pair =>
    {
        if (!EntityTag.TryParse(pair.Item1, out var one) || !EntityTag.TryParse(pair.Item2, out var other))
            return;
        Assert.Equal(one.WeakEquals(other), other.WeakEquals(one));
        Assert.Equal(one.StrongEquals(other), other.StrongEquals(one));
        Assert.True(one.WeakEquals(other) || !one.StrongEquals(other));
    }, pair => Fuzz.Show(pair.Item1) + " " + Fuzz.Show(pair.Item2));

    [Fact]
    public void A_list_holds_a_tag_exactly_when_a_slow_reader_finds_it() => Fuzz.Holds(Gen.Select(List, Gen.OneOf("\"a\"", "W/\"a\"", "\"b\"", "\"b,c\"", "\"\"")), pair =>
        Assert.Equal(Holds(pair.Item1, pair.Item2), ClientConditions.IsNotModified([pair.Item1], [], new(pair.Item2), null, Make.Now)),
        pair => Fuzz.Show(pair.Item1) + " " + Fuzz.Show(pair.Item2));

    private static bool Holds(string list, string tag)
    {
        if (list.Trim(' ', '\t') == "*")
            return true;
        // One member after the other: a tag up to its comma, else anything up to the next.
        for (var rest = list; rest.Length > 0;)
        {
            var member = Member().Match(rest);
            if (member.Groups["tag"].Success && Opaque(member.Groups["tag"].Value) == Opaque(tag))
                return true;
            rest = rest[member.Length..];
        }
        return false;
    }

    private static string Opaque(string tag) => tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;

    // A tag with something behind it is no member; its own commas then end nothing.
    [GeneratedRegex(@"\A[ \t,]*(?:(?<tag>(?:W/)?""[^\x00-\x20\x7f""]*"")[ \t]*(?:,|\z)|(?:(?:W/)?""[^\x00-\x20\x7f""]*"")?[^,]*,?)", RegexOptions.Singleline)]
    private static partial Regex Member();
}
