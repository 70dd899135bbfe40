using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Fields;

public class DeltaSecondsTests
{
    [Theory]
    [InlineData("rule 2: digits", "60", 60)]
    [InlineData("rule 2: zero", "0", 0)]
    [InlineData("rule 2: leading zeros are fine", "0060", 60)]
    [InlineData("9111 §1.2.2: 2^31 stands for itself", "2147483648", 2147483648)]
    [InlineData("9111 §1.2.2: larger counts as 2^31", "2147483649", 2147483648)]
    [InlineData("9111 §1.2.2: far beyond 64 bits counts as 2^31", "99999999999999999999999999999999999999", 2147483648)]
    public void Digits_are_seconds(string clause, string text, long seconds)
    {
        Assert.True(DeltaSeconds.TryParse(text, out var value), clause);
        Assert.Equal(TimeSpan.FromSeconds(seconds), value);
    }

    [Theory]
    [InlineData("rule 2: no value", "")]
    [InlineData("rule 2: minus", "-1")]
    [InlineData("rule 2: plus", "+1")]
    [InlineData("rule 2: fraction", "60.0")]
    [InlineData("rule 2: single quotes are token characters", "'60'")]
    [InlineData("rule 2: letters before", "a60")]
    [InlineData("rule 2: letters behind", "60a")]
    [InlineData("rule 2: inner space", "6 0")]
    [InlineData("rule 2: other scripts have digits too", "\u0661\u0662")]
    [InlineData("rule 2: exponent", "6e1")]
    public void Anything_else_is_invalid(string clause, string text) => Assert.False(DeltaSeconds.TryParse(text, out _), clause);
}
