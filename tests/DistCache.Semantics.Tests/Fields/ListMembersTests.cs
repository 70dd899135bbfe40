using System.Diagnostics;
using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Fields;

public class ListMembersTests
{
    [Theory]
    [InlineData("9110 §5.6.1: members", "a, b,c", "a|b|c")]
    [InlineData("9110 §5.6.1.2: empty members are nothing", ",, a ,\t, b ,", "a|b")]
    [InlineData("9110 §5.6.4: a comma in quotes is text", "a=\"b, c\", d", "a=\"b, c\"|d")]
    [InlineData("9110 §5.6.4: an escaped quote does not close", "a=\"b\\\", c\", d", "a=\"b\\\", c\"|d")]
    [InlineData("an open quote hides nothing", "a=\"b, no-store", "a=\"b|no-store")]
    [InlineData("an open quote behind a closed one", "\"a,b\"\", c", "\"a,b\"\"|c")]
    [InlineData("only space and tab are white space", "\u00a0a , b", "\u00a0a|b")]
    [InlineData("nothing", "", "")]
    public void Splits_at_commas_outside_quotes(string clause, string line, string expected)
    {
        var members = new List<string>();
        foreach (var member in new ListMembers(line))
            members.Add(member.ToString());
        Assert.True(expected == string.Join('|', members), $"{clause}: {string.Join('|', members)}");
    }

    [Fact]
    public void A_line_of_escaped_open_quotes_is_not_quadratic()
    {
        var line = string.Concat(Enumerable.Repeat("\"\\", 500_000));
        var watch = Stopwatch.StartNew();
        foreach (var _ in new ListMembers(line))
        {
        }
        // Quadratic would be 10^11 steps: minutes.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }
}
