using DistCache.Semantics.Conditions;
using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Conditions;

/// <summary>RFC 9110 §13, rule 40. Lines are separated by '|'; the response has Last-Modified Now-60 and Date Now.</summary>
public class ClientConditionsTests
{
    private static bool IsNotModified(string? ifNoneMatch, string? ifModifiedSince, string? etag, double? lastModified = -60) =>
        ClientConditions.IsNotModified(
            ifNoneMatch?.Split('|') ?? [],
            ifModifiedSince?.Split('|') ?? [],
            etag is null ? null : new EntityTag(etag),
            lastModified is { } offset ? Make.Now.AddSeconds(offset) : null,
            Make.Now);

    [Theory]
    [InlineData("§13.1.2: strong", "\"a\"", "\"a\"")]
    [InlineData("§13.1.2: weak comparison", "W/\"a\"", "\"a\"")]
    [InlineData("§13.1.2: weak comparison", "\"a\"", "W/\"a\"")]
    [InlineData("§13.1.2: weak comparison", "W/\"a\"", "W/\"a\"")]
    [InlineData("rule 40: first of a list", "\"a\", \"b\", \"c\"", "\"a\"")]
    [InlineData("rule 40: middle of a list", "\"x\",\"a\" ,\"c\"", "\"a\"")]
    [InlineData("rule 40: last of a list", "\"x\", W/\"y\", \"a\"", "\"a\"")]
    [InlineData("rule 40: several lines", "\"x\"|\"a\"", "\"a\"")]
    [InlineData("rule 40: star", "*", "\"a\"")]
    [InlineData("rule 40: star without a stored ETag", " * ", null)]
    [InlineData("rule 40: obs-text", "\"abcdef\u00fc\"", "\"abcdef\u00fc\"")]
    [InlineData("§8.8.3: a comma inside a tag", "\"x\", \"a,b\"", "\"a,b\"")]
    [InlineData("§8.8.3: a backslash inside a tag", "\"a\\\", \"b\"", "\"a\\\"")]
    [InlineData("what is no tag is left out", "foo, \"a\"", "\"a\"")]
    [InlineData("§5.6.1.2: empty members", ",, \"a\" ,", "\"a\"")]
    [InlineData("the empty tag", "\"\"", "\"\"")]
    public void If_None_Match_matches(string clause, string lines, string? etag) => Assert.True(IsNotModified(lines, null, etag), clause);

    [Theory]
    [InlineData("another", "\"b\"", "\"a\"")]
    [InlineData("case counts", "\"A\"", "\"a\"")]
    [InlineData("unquoted", "a", "\"a\"")]
    [InlineData("lower-case mark", "w/\"a\"", "\"a\"")]
    [InlineData("no stored ETag", "\"a\"", null)]
    [InlineData("a star in a list is no star", "*, \"b\"", "\"a\"")]
    [InlineData("a star on one of two lines is no star", "*|\"b\"", "\"a\"")]
    [InlineData("text behind the tag", "\"a\"x", "\"a\"")]
    [InlineData("a tag inside a tag", "\"x,\"a\"", "\"a\"")]
    [InlineData("an open tag", "\"a", "\"a\"")]
    [InlineData("empty", "", "\"a\"")]
    [InlineData("a space inside is no tag", "\"a \"", "\"a \"")]
    public void If_None_Match_does_not_match(string clause, string lines, string? etag) => Assert.False(IsNotModified(lines, null, etag), clause);

    [Theory]
    [InlineData("equal", "Thu, 15 Jan 2026 11:59:00 GMT", true)]
    [InlineData("later", "Thu, 15 Jan 2026 11:59:01 GMT", true)]
    [InlineData("earlier", "Thu, 15 Jan 2026 11:58:59 GMT", false)]
    [InlineData("rfc850", "Thursday, 15-Jan-26 11:59:00 GMT", true)]
    [InlineData("asctime", "Thu Jan 15 11:59:00 2026", true)]
    [InlineData("§13.1.3: not a date: ignored", "yesterday", false)]
    [InlineData("§13.1.3: two lines: ignored", "Thu, 15 Jan 2026 11:59:00 GMT|Thu, 15 Jan 2026 11:59:00 GMT", false)]
    [InlineData("§13.1.3: empty: ignored", "", false)]
    public void If_Modified_Since_compares_Last_Modified(string clause, string lines, bool expected) => Assert.True(expected == IsNotModified(null, lines, "\"a\""), clause);

    [Theory]
    [InlineData("9111 §4.3.2: Date when there is no Last-Modified", "Thu, 15 Jan 2026 12:00:00 GMT", true)]
    [InlineData("9111 §4.3.2: Date when there is no Last-Modified", "Thu, 15 Jan 2026 11:59:59 GMT", false)]
    public void If_Modified_Since_compares_Date(string clause, string line, bool expected) => Assert.True(expected == IsNotModified(null, line, null, lastModified: null), clause);

    [Theory]
    [InlineData("\"a\"", "Thu, 15 Jan 1970 00:00:00 GMT", true)]
    [InlineData("\"b\"", "Thu, 15 Jan 2026 12:00:00 GMT", false)]
    [InlineData("garbage", "Thu, 15 Jan 2026 12:00:00 GMT", false)]
    public void Section_13_2_2_If_None_Match_decides_alone(string ifNoneMatch, string ifModifiedSince, bool expected) =>
        Assert.Equal(expected, IsNotModified(ifNoneMatch, ifModifiedSince, "\"a\""));

    [Fact]
    public void Without_conditions_nothing_is_not_modified()
    {
        Assert.False(IsNotModified(null, null, "\"a\""));
        Assert.False(ClientConditions.IsNotModified([null], [null], new EntityTag("\"a\""), Make.Now, Make.Now));
    }

    [Theory]
    [InlineData("Cache-Control")]
    [InlineData("Content-Location")]
    [InlineData("DATE")]
    [InlineData("ETag")]
    [InlineData("expires")]
    [InlineData("Vary")]
    [InlineData("Age")]
    public void Section_15_4_5_a_304_carries(string name) => Assert.True(ClientConditions.BelongsIn304(name, hasTag: true));

    [Fact]
    public void Section_15_4_5_a_304_without_a_tag_carries_Last_Modified_to_guide_updates() => Assert.True(ClientConditions.BelongsIn304("last-modified", hasTag: false));

    [Theory]
    [InlineData("Content-Type")]
    [InlineData("Content-Length")]
    [InlineData("Content-Encoding")]
    [InlineData("Set-Cookie")]
    [InlineData("Last-Modified")]
    [InlineData("X-Foo")]
    public void Section_15_4_5_a_304_leaves_out(string name) => Assert.False(ClientConditions.BelongsIn304(name, hasTag: true));
}
