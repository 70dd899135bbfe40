using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Fields;

public class AcceptLanguageNormalizationTests
{
    [Theory]
    [InlineData("rule 31: case", "en-US, DE", "en-us, de")]
    [InlineData("rule 31: q in its shortest spelling", "en;q=1.0, de;q=0.80, fr; Q=0.123", "en, de;q=0.8, fr;q=0.123")]
    [InlineData("rule 31: white space", "en ;q=0.5 ,de", "en;q=0.5, de")]
    [InlineData("rule 31: order stays by default", "de, en", "de, en")]
    public void The_same_wish_is_spelled_the_same(string clause, string value, string expected) =>
        Assert.True(expected == AcceptLanguageNormalization.Normalize(value), clause);

    [Theory]
    [InlineData("behind a switch: equal weights in any order", "de, en", "de, en")]
    [InlineData("behind a switch: equal weights in any order", "en, de", "de, en")]
    [InlineData("behind a switch: by weight", "en;q=0.5, de", "de, en;q=0.5")]
    public void Order_by_weight(string clause, string value, string expected) =>
        Assert.True(expected == AcceptLanguageNormalization.NormalizeOrder(value), clause);

    [Theory]
    [InlineData("4647 §3.4: exact", "fr", "fr")]
    [InlineData("4647 §3.4: falls back to the shorter tag", "de-CH-1996", "de")]
    [InlineData("the best liked", "en;q=0.5, fr;q=0.9", "fr")]
    [InlineData("q=0 is a no", "fr;q=0", "en")]
    [InlineData("a star takes the first offered", "xx, *;q=0.1", "en")]
    [InlineData("none: the fallback", "xx", "en")]
    [InlineData("none: the fallback", "", "en")]
    public void Select_one_offered(string clause, string value, string expected) =>
        Assert.True(expected == AcceptLanguageNormalization.Select(value, ["en", "de", "fr"], "en"), clause);

    [Fact]
    public void Absent_stays_absent()
    {
        Assert.Null(AcceptLanguageNormalization.Normalize(null));
        Assert.Null(AcceptLanguageNormalization.NormalizeOrder(null));
        Assert.Null(AcceptLanguageNormalization.Select(null, ["en"], "en"));
    }
}
