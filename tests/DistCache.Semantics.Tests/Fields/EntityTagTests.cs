using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Fields;

public class EntityTagTests
{
    [Theory]
    [InlineData("9110 §8.8.3: strong", "\"abc\"", false)]
    [InlineData("9110 §8.8.3: weak", "W/\"abc\"", true)]
    [InlineData("9110 §8.8.3: empty", "\"\"", false)]
    [InlineData("9110 §8.8.3: a backslash is a character", "\"a\\b\"", false)]
    [InlineData("9110 §8.8.3: a comma is a character", "\"a,b\"", false)]
    [InlineData("rule 40: obs-text", "\"abcdef\u00fc\"", false)]
    public void Is_an_entity_tag(string clause, string text, bool isWeak)
    {
        Assert.True(EntityTag.TryParse(text, out var tag), clause);
        Assert.Equal(text, tag.Text);
        Assert.Equal(isWeak, tag.IsWeak);
    }

    [Theory]
    [InlineData("absent", null)]
    [InlineData("empty", "")]
    [InlineData("unquoted", "abc")]
    [InlineData("9110 §8.8.3: the mark is case-sensitive", "w/\"abc\"")]
    [InlineData("no slash", "W\"abc\"")]
    [InlineData("backslash for slash", "W\\\"abc\"")]
    [InlineData("space behind the mark", "W/ \"abc\"")]
    [InlineData("open", "\"abc")]
    [InlineData("only a quote", "\"")]
    [InlineData("text behind", "\"abc\"x")]
    [InlineData("two of them", "\"a\", \"b\"")]
    [InlineData("a space is no etagc", "\"a b\"")]
    [InlineData("DEL is no etagc", "\"a\u007f\"")]
    [InlineData("the mark alone", "W/")]
    public void Is_none(string clause, string? text) => Assert.False(EntityTag.TryParse(text, out _), clause);

    // 9110 §8.8.3.2, the table
    [Theory]
    [InlineData("W/\"1\"", "W/\"1\"", false, true)]
    [InlineData("W/\"1\"", "W/\"2\"", false, false)]
    [InlineData("W/\"1\"", "\"1\"", false, true)]
    [InlineData("\"1\"", "\"1\"", true, true)]
    [InlineData("\"a\"", "\"A\"", false, false)]
    public void Compares_strongly_and_weakly(string first, string second, bool strong, bool weak)
    {
        EntityTag a = new(first), b = new(second);
        Assert.Equal(strong, a.StrongEquals(b));
        Assert.Equal(strong, b.StrongEquals(a));
        Assert.Equal(weak, a.WeakEquals(b));
        Assert.Equal(weak, b.WeakEquals(a));
    }
}
