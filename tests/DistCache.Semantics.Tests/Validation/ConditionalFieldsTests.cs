using DistCache.Semantics.Fields;
using DistCache.Semantics.Validation;

namespace DistCache.Semantics.Tests.Validation;

/// <summary>RFC 9111 §4.3.1, rule 34.</summary>
public class ConditionalFieldsTests
{
    private const string Monday = "Mon, 12 Jan 2026 00:00:00 GMT";

    [Fact]
    public void All_stored_tags_each_once_as_they_stood() =>
        Assert.Equal(
            new("\"a\", W/\"b\", W/\"a\", \"\u00fc\"", null),
            ConditionalFields.For([(new("\"a\""), null), (new("W/\"b\""), null), (new("\"a\""), null), (null, null), (new("W/\"a\""), null), (new("\"\u00fc\""), null)]));

    [Fact]
    public void Both_conditions_of_one_response() => Assert.Equal(new("\"a\"", Monday), ConditionalFields.For([(new EntityTag("\"a\""), Monday)]));

    [Fact]
    public void Last_Modified_goes_byte_for_byte() =>
        Assert.Equal("Monday, 12-Jan-26 00:00:00 GMT", ConditionalFields.For([(null, "Monday, 12-Jan-26 00:00:00 GMT")]).IfModifiedSince);

    [Fact]
    public void Only_the_first_candidates_Last_Modified_counts() => Assert.Null(ConditionalFields.For([(new EntityTag("\"a\""), null), (null, Monday)]).IfModifiedSince);

    [Fact]
    public void An_invalid_Last_Modified_is_not_sent() => Assert.Equal(default, ConditionalFields.For([(null, "0")]));

    [Fact]
    public void Nothing_stored_sends_nothing() => Assert.Equal(default, ConditionalFields.For([]));
}
