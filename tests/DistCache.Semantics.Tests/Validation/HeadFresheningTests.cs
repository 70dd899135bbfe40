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
        Assert.True(expected == HeadFreshening.Compare(200, Make.Fields("ETag: \"a\"", "Last-Modified: x"), 10, Make.Response(status, Make.Safe, Make.Lines(lines)), asksForProof: false), clause);

    [Theory]
    [InlineData("a tag", "ETag: \"a\"", HeadOutcome.Freshen)]
    [InlineData("a date", "Last-Modified: x", HeadOutcome.Freshen)]
    [InlineData("a length", "Content-Length: 10", HeadOutcome.Freshen)]
    [InlineData("none", "Cache-Control: max-age=60", HeadOutcome.Unaffected)]
    [InlineData("against it", "Content-Length: 11", HeadOutcome.Invalidate)]
    public void With_proof(string clause, string lines, HeadOutcome expected) =>
        Assert.True(expected == HeadFreshening.Compare(200, Make.Fields("ETag: \"a\"", "Last-Modified: x"), 10, Make.Response(200, Make.Safe, Make.Lines(lines)), asksForProof: true), clause);

    [Theory]
    [InlineData(404)]
    [InlineData(203)]
    public void It_is_no_answer_to_the_GET_that_is_stored(int stored) =>
        Assert.Equal(HeadOutcome.Invalidate, HeadFreshening.Compare(stored, Make.Fields("A: 1"), 10, Make.Response("A: 1"), asksForProof: false));

    [Fact]
    public void A_validator_that_the_stored_response_lacks_does_not_match() =>
        Assert.Equal(HeadOutcome.Invalidate, HeadFreshening.Compare(200, Make.Fields("A: 1"), 10, Make.Response("ETag: \"a\""), asksForProof: false));
}
