using DistCache.Semantics.Validation;

namespace DistCache.Semantics.Tests.Validation;

/// <summary>RFC 9111 §4.3.5, rule 33. Stored: ETag "a", Last-Modified x, 10 bytes.</summary>
public class HeadFresheningTests
{
    [Theory]
    [InlineData("all agree", 200, "ETag: \"a\"|Last-Modified: x|Content-Length: 10", HeadOutcome.Freshen)]
    [InlineData("what did not come does not speak", 200, "ETag: \"a\"", HeadOutcome.Freshen)]
    [InlineData("nothing came to compare", 200, "Cache-Control: max-age=60", HeadOutcome.Freshen)]
    [InlineData("another ETag", 200, "ETag: \"b\"|Content-Length: 10", HeadOutcome.Invalidate)]
    [InlineData("weak is another value", 200, "ETag: W/\"a\"", HeadOutcome.Invalidate)]
    [InlineData("another Last-Modified", 200, "ETag: \"a\"|Last-Modified: y", HeadOutcome.Invalidate)]
    [InlineData("another length", 200, "ETag: \"a\"|Content-Length: 11", HeadOutcome.Invalidate)]
    [InlineData("a length that is none", 200, "Content-Length: +10", HeadOutcome.Invalidate)]
    [InlineData("not a 200", 410, "ETag: \"b\"", HeadOutcome.Unaffected)]
    [InlineData("an error", 503, "", HeadOutcome.Unaffected)]
    [InlineData("a 304", 304, "ETag: \"b\"", HeadOutcome.Unaffected)]
    public void Compare(string clause, int status, string lines, HeadOutcome expected) =>
        Assert.True(expected == HeadFreshening.Compare(Make.Fields("ETag: \"a\"", "Last-Modified: x"), 10, Make.Response(status, Make.Safe, Make.Lines(lines))), clause);

    [Fact]
    public void A_validator_that_the_stored_response_lacks_does_not_match() =>
        Assert.Equal(HeadOutcome.Invalidate, HeadFreshening.Compare(Make.Fields("A: 1"), 10, Make.Response("ETag: \"a\"")));
}
