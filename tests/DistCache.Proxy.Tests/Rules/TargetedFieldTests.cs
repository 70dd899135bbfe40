using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rule 9: CDN-Cache-Control and its kin (RFC 9213), a Structured Field Dictionary that decides alone.</summary>
public sealed class TargetedFieldTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    [Theory]
    [InlineData("9213 §2.2: alone", "CDN-Cache-Control: max-age=60", 59, "hit")]
    [InlineData("9213 §2.2: over", "CDN-Cache-Control: max-age=60", 60, "fetch")]
    [InlineData("9213 §2.2: longer than Cache-Control", "CDN-Cache-Control: max-age=60|Cache-Control: max-age=1", 59, "hit")]
    [InlineData("9213 §2.2: shorter than Cache-Control", "CDN-Cache-Control: max-age=1|Cache-Control: max-age=60", 2, "fetch")]
    [InlineData("9213 §2.2: over Cache-Control: no-store", "CDN-Cache-Control: max-age=60|Cache-Control: no-store", 59, "hit")]
    [InlineData("9213 §2.2: over Cache-Control: private", "CDN-Cache-Control: max-age=60|Cache-Control: private", 59, "hit")]
    [InlineData("9213 §2.2: over Expires in the past", "CDN-Cache-Control: max-age=60|Expires: {-60}", 59, "hit")]
    [InlineData("9213 §2.2: zero over Expires in the future", "CDN-Cache-Control: max-age=0|Expires: {60}", 0, "fetch")]
    [InlineData("9213 §2.2: zero over Cache-Control", "CDN-Cache-Control: max-age=0|Cache-Control: max-age=60", 0, "fetch")]
    [InlineData("9213 §2.2: no-store over Cache-Control", "CDN-Cache-Control: no-store|Cache-Control: max-age=60", 0, "fetch")]
    [InlineData("9213 §2.2: private over Cache-Control", "CDN-Cache-Control: private|Cache-Control: max-age=60", 0, "fetch")]
    [InlineData("9213 §2.2: no-cache over Cache-Control", "CDN-Cache-Control: no-cache|Cache-Control: max-age=60", 0, "fetch")]
    [InlineData("9213 §2.2: unknown members are ignored", "CDN-Cache-Control: foobar, max-age=60", 59, "hit")]
    [InlineData("9213 §2.1: parameters are ignored", "CDN-Cache-Control: max-age=60;a=b", 59, "hit")]
    [InlineData("9213 §2.2: Age counts", "CDN-Cache-Control: max-age=3600|Age: 7200", 0, "fetch")]
    [InlineData("9213 §2.1: largest", "CDN-Cache-Control: max-age=2147483648", 100, "hit")]
    [InlineData("9651 §3.2: the last of two wins in a dictionary", "CDN-Cache-Control: max-age=1, max-age=60", 59, "hit")]
    [InlineData("9651 §4.2: capitals are no key: ignored as a whole", "CDN-Cache-Control: MaX-aGe=60|Cache-Control: max-age=1", 2, "fetch")]
    [InlineData("9651 §4.2: space before the sign: ignored as a whole", "CDN-Cache-Control: max-age =60|Cache-Control: max-age=1", 2, "fetch")]
    [InlineData("9651 §4.2: space behind the sign: ignored as a whole", "CDN-Cache-Control: max-age= 60|Cache-Control: max-age=1", 2, "fetch")]
    [InlineData("9651 §4.2: a trailing comma: ignored as a whole", "CDN-Cache-Control: no-store,|Cache-Control: max-age=60", 59, "hit")]
    [InlineData("9213 §2.1: a string is no lifetime", "CDN-Cache-Control: max-age=\"60\"", 0, "fetch")]
    [InlineData("9213 §2.1: a decimal is no lifetime", "CDN-Cache-Control: max-age=60.5", 0, "fetch")]
    [InlineData("9213 §2.2: empty is absent", "CDN-Cache-Control: |Cache-Control: max-age=60", 59, "hit")]
    [InlineData("9213 §2.2: the fleet's own name first", "DistCache-CDN-Cache-Control: max-age=60|CDN-Cache-Control: no-store", 59, "hit")]
    [InlineData("rule 9: Surrogate-Control before Cache-Control", "Surrogate-Control: max-age=60|Cache-Control: no-store", 59, "hit")]
    [InlineData("rule 9: CDN-Cache-Control before Surrogate-Control", "CDN-Cache-Control: no-store|Surrogate-Control: max-age=60", 0, "fetch")]
    public async Task Targeted(string clause, string lines, int after, string expected)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var outcome = await edges.Row(preset).SecondAsync(lines, after);
            Assert.True(expected == outcome, $"{preset}: {clause}: {outcome}");
        }
    }

    [Fact]
    public async Task CDN_Cache_Control_goes_on_to_the_client_and_Surrogate_Control_does_not() // rule 9
    {
        var row = edges.Row("safe");
        row.Stored("CDN-Cache-Control: max-age=60|Surrogate-Control: max-age=30|Cache-Control: no-cache");
        foreach (var answer in (RawAnswer[])[await row.GetAsync(), await row.GetAsync()])
        {
            Assert.Equal("max-age=60", answer.Field("CDN-Cache-Control"));
            Assert.Equal("no-cache", answer.Field("Cache-Control"));
            Assert.Null(answer.Field("Surrogate-Control"));
        }
    }
}
