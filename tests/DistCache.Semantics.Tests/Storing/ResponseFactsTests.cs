using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Storing;

public class ResponseFactsTests
{
    [Theory]
    [InlineData("§5.1", "Age: 60", 60)]
    [InlineData("rule 4: absent", "", 0)]
    [InlineData("rule 4: the first of a list", "Age: 7200,0", 7200)]
    [InlineData("rule 4: the first of a list", "Age: 0, 7200", 0)]
    [InlineData("rule 4: the first of several lines", "Age: 7200|Age: 0", 7200)]
    [InlineData("rule 4: the first of several lines", "Age: 0|Age: 7200", 0)]
    [InlineData("rule 4: not a number", "Age: abc", 0)]
    [InlineData("rule 4: negative", "Age: -7200", 0)]
    [InlineData("rule 4: a fraction", "Age: 7200.0", 0)]
    [InlineData("rule 4: an invalid first one is not replaced by a second", "Age: abc, 60", 0)]
    [InlineData("rule 4: larger than 2^31", "Age: 99999999999", 2147483648)]
    public void Age(string clause, string lines, long seconds) =>
        Assert.True(Make.Response(Make.Lines(lines)).Age == TimeSpan.FromSeconds(seconds), clause);

    [Theory]
    [InlineData("rule 5: zero", "Expires: 0")]
    [InlineData("rule 5: minus one", "Expires: -1")]
    [InlineData("rule 5: empty", "Expires:")]
    [InlineData("rule 5: no GMT", "Expires: Thu, 18 Aug 2050 02:01:18 UTC")]
    [InlineData("rule 5: two lines", "Expires: Thu, 18 Aug 2050 02:01:18 GMT|Expires: Thu, 18 Aug 2050 02:01:18 GMT")]
    public void An_invalid_Expires_lies_in_the_past(string clause, string lines) =>
        Assert.True(Make.Response(Make.Lines(lines)).Expires == DateTimeOffset.MinValue, clause);

    [Fact]
    public void Expires_is_null_when_absent_and_itself_when_valid()
    {
        Assert.Null(Make.Response().Expires);
        Assert.Equal(Make.Now.AddSeconds(60), Make.Response("Expires: " + Make.Date(60)).Expires);
    }

    [Theory]
    [InlineData("rule 6: missing", "")]
    [InlineData("rule 6: invalid", "Date: yesterday")]
    [InlineData("rule 6: twice", "Date: Thu, 15 Jan 2026 11:00:00 GMT|Date: Thu, 15 Jan 2026 11:00:00 GMT")]
    public void Without_a_valid_Date_the_time_of_receipt_counts(string clause, string lines)
    {
        var response = Make.Response(Make.Lines(lines));
        Assert.False(response.HasDate, clause);
        Assert.Equal(Make.Now, response.Date);
    }

    [Fact]
    public void A_valid_Date_counts()
    {
        var response = Make.Response("date: " + Make.Date(-60));
        Assert.True(response.HasDate);
        Assert.Equal(Make.Now.AddSeconds(-60), response.Date);
    }

    [Fact]
    public void Validators_are_null_when_absent_or_invalid()
    {
        var none = Make.Response();
        var invalid = Make.Response("ETag: abc", "Last-Modified: 0");
        var valid = Make.Response("ETag: W/\"abc\"", "Last-Modified: " + Make.Date(-60));
        Assert.True(none is { ETag: null, LastModified: null });
        Assert.True(invalid is { ETag: null, LastModified: null });
        Assert.Equal(new EntityTag("W/\"abc\""), valid.ETag);
        Assert.Equal(Make.Now.AddSeconds(-60), valid.LastModified);
    }

    [Fact]
    public void Vary_is_read() => Assert.Equal(["a", "b"], Make.Response("Vary: B", "Vary: A").Vary.Names);
}
