using DistCache.Semantics.Fields;
using DistCache.Semantics.Ranges;

namespace DistCache.Semantics.Tests.Ranges;

/// <summary>Rule 44, RFC 9111 §3.3, §3.4. Five bytes came.</summary>
public class PartialRulesTests
{
    [Theory]
    [InlineData("rule 44: strong, and it fits", "ETag: \"a\"|Content-Range: bytes 0-4/10", PartialStorage.Store)]
    [InlineData("rule 44: weak", "ETag: W/\"a\"|Content-Range: bytes 0-4/10", PartialStorage.NoStrongValidator)]
    [InlineData("rule 44: only a Last-Modified", "Last-Modified: Thu, 15 Jan 2026 11:00:00 GMT|Content-Range: bytes 0-4/10", PartialStorage.NoStrongValidator)]
    [InlineData("rule 44: does not fit its length", "ETag: \"a\"|Content-Range: bytes 4-9/10", PartialStorage.ContentRange)]
    [InlineData("rule 44: none, as in multipart", "ETag: \"a\"|Content-Type: multipart/byteranges; boundary=x", PartialStorage.ContentRange)]
    [InlineData("rule 44: two", "ETag: \"a\"|Content-Range: bytes 0-4/10|Content-Range: bytes 0-4/10", PartialStorage.ContentRange)]
    [InlineData("§3.4: of unknown length", "ETag: \"a\"|Content-Range: bytes 0-4/*", PartialStorage.ContentRange)]
    public void May_store(string clause, string lines, PartialStorage expected) =>
        Assert.True(expected == PartialRules.MayStore(Make.Response(206, Make.Safe, Make.Lines(lines)), 5), clause);

    [Theory]
    [InlineData("§3.4: equal strong validators", "\"a\"", 10, "\"a\"", 10, PartialCombination.Combine)]
    [InlineData("§3.4: different", "\"a\"", 10, "\"b\"", 10, PartialCombination.DifferentValidator)]
    [InlineData("§3.4: weak", "W/\"a\"", 10, "W/\"a\"", 10, PartialCombination.DifferentValidator)]
    [InlineData("§3.4: one weak", "\"a\"", 10, "W/\"a\"", 10, PartialCombination.DifferentValidator)]
    [InlineData("§3.4: absent", null, 10, null, 10, PartialCombination.DifferentValidator)]
    [InlineData("the same validator, another length", "\"a\"", 10, "\"a\"", 11, PartialCombination.DifferentLength)]
    public void Combine(string clause, string? first, long firstLength, string? second, long secondLength, PartialCombination expected) =>
        Assert.True(expected == PartialRules.Combine(Tag(first), firstLength, Tag(second), secondLength), clause);

    private static EntityTag? Tag(string? text) => text is null ? null : new EntityTag(text);
}
