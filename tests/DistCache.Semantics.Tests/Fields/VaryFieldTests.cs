using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Fields;

public class VaryFieldTests
{
    [Theory]
    [InlineData("rule 8: names lower-case and sorted", "Foo, bar, ABC", "abc,bar,foo")]
    [InlineData("rule 8: several lines are one list", "Foo | Bar", "bar,foo")]
    [InlineData("rule 8: odd spacing and empty members", " ,, Foo ,\t,Bar, ", "bar,foo")]
    [InlineData("rule 8: each name once", "Foo, FOO | foo", "foo")]
    [InlineData("rule 8: a star inside a name is a name", "foo*", "foo*")]
    [InlineData("nothing", "", "")]
    public void Nominates(string clause, string lines, string names)
    {
        var vary = VaryField.Read(Make.Lines(lines));
        Assert.False(vary.IsStar, clause);
        Assert.Equal(names, string.Join(',', vary.Names));
    }

    [Theory]
    [InlineData("rule 8: star", "*")]
    [InlineData("rule 8: star first", "*, Foo")]
    [InlineData("rule 8: star last", "Foo, *")]
    [InlineData("rule 8: two stars", "*, *")]
    [InlineData("rule 8: star behind an empty member", ", *")]
    [InlineData("rule 8: star on a line of its own", "Foo | *")]
    [InlineData("rule 8: star behind an empty line", " | *")]
    [InlineData("what is no name might nominate anything", "Foo;q=1")]
    [InlineData("quoted star", "\"*\"")]
    [InlineData("two names without a comma", "Foo Bar")]
    public void Is_never_reused(string clause, string lines) => Assert.True(VaryField.Read(Make.Lines(lines)).IsStar, clause);
}
