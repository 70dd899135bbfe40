using CsCheck;
using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Fields;

public class VaryNormalizationTests
{
    [Theory]
    [InlineData("9111 §4.1: white space around commas", "1 ,2", "1, 2")]
    [InlineData("9111 §4.1: no white space behind a comma", "1,2", "1, 2")]
    [InlineData("9111 §4.1: outer white space", " 1, 2\t", "1, 2")]
    [InlineData("9111 §4.1: runs and tabs", "a \t b", "a b")]
    [InlineData("rule 30: lines combined in order", "1|2", "1, 2")]
    [InlineData("rule 30: order counts", "2|1", "2, 1")]
    [InlineData("white space in quotes is data", "a=\"x  ,y\" ,  b", "a=\"x  ,y\", b")]
    [InlineData("an open quote protects nothing", "a=\"x  ,y", "a=\"x, y")]
    [InlineData("empty members stay, white space between them does not", "a, ,b", "a,, b")]
    [InlineData("an empty value is a value", "", "")]
    [InlineData("white space alone is an empty value", " \t", "")]
    [InlineData("semicolons are left alone", "a=1; b=2;c=3", "a=1; b=2;c=3")]
    public void White_space_and_line_breaks_do_not_count(string clause, string lines, string expected) =>
        Assert.True(expected == VaryNormalization.Combine(lines.Split('|')), $"{clause}: {VaryNormalization.Combine(lines.Split('|'))}");

    [Fact]
    public void Absent_is_not_empty()
    {
        Assert.Null(VaryNormalization.Combine([]));
        Assert.Null(VaryNormalization.Combine([null]));
        Assert.Equal("", VaryNormalization.Combine([""]));
    }

    [Theory]
    [InlineData("gzip, deflate, br")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)")]
    [InlineData("a=\"x  ,y\", b")]
    [InlineData("a,, b,")]
    [InlineData("")]
    public void A_normal_line_comes_back_as_the_same_string_without_an_allocation(string line)
    {
        string?[] lines = [line];
        Assert.Same(line, VaryNormalization.Combine(lines));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            VaryNormalization.Combine(lines);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static readonly Gen<string> Text = Gen.String[Gen.Char[" \t,\"\\ab\u00fc"], 0, 12];

    [Fact]
    public void Normalising_twice_changes_nothing() =>
        Text.Sample(
            line =>
            {
                var once = VaryNormalization.Combine([line]);
                return once == VaryNormalization.Combine([once]);
            },
            iter: 100_000);

    [Fact]
    public void Splitting_a_line_between_members_changes_nothing() =>
        Gen.String[Gen.Char["ab ;"], 1, 5].Array[2, 4].Sample(
            members => VaryNormalization.Combine(members) == VaryNormalization.Combine([string.Join(',', members)]),
            iter: 20_000);
}
