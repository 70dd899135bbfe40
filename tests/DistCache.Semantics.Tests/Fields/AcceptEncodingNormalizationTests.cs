using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Fields;

public class AcceptEncodingNormalizationTests
{
    [Theory]
    [InlineData("rule 31: to the known codings, in the policy's order", "gzip, deflate, br, zstd", "br, gzip")]
    [InlineData("rule 31: order and weights above 0 do not count", "br;q=0.1, gzip;q=1.0", "br, gzip")]
    [InlineData("9110 §12.4.2: q=0 means no", "br;q=0, gzip", "gzip")]
    [InlineData("9110 §12.4.2: q=0.000 means no", "br;q=0.000, gzip;Q=0.001", "gzip")]
    [InlineData("9110 §12.5.3: star stands for what is not named", "*, br;q=0", "gzip")]
    [InlineData("9110 §8.4.1.3: x-gzip is gzip", "x-gzip", "gzip")]
    [InlineData("9110 §8.4.1: case-insensitive", "GZip", "gzip")]
    [InlineData("none known", "deflate", "identity")]
    [InlineData("empty: identity only", "", "identity")]
    [InlineData("identity", "identity", "identity")]
    [InlineData("9110 §12.5.3: identity forbidden", "gzip, identity;q=0", "gzip, identity;q=0")]
    [InlineData("9110 §12.5.3: identity forbidden by the star", "gzip, *;q=0", "gzip, identity;q=0")]
    [InlineData("a weight that is none means no", "gzip;q=x, br;level=3", "identity")]
    [InlineData("a weight above 1 counts as 1 at most", "gzip;q=1.999", "gzip")]
    public void Reduces_to_what_the_policy_knows(string clause, string value, string expected) =>
        Assert.True(expected == AcceptEncodingNormalization.Normalize(value, ["br", "gzip"]), $"{clause}: {AcceptEncodingNormalization.Normalize(value, ["br", "gzip"])}");

    [Fact]
    public void Absent_stays_absent() => Assert.Null(AcceptEncodingNormalization.Normalize(null, ["gzip"]));
}
