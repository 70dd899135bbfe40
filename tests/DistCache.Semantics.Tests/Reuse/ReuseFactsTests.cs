using DistCache.Semantics.Freshness;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Tests.Reuse;

public class ReuseFactsTests
{
    private static ReuseFacts Of(CachingOptions options, params string[] lines) => ReuseFacts.Of(Make.Response(200, options, lines), Make.Seconds(7), options);

    [Fact]
    public void Carries_lifetime_age_and_validator()
    {
        var facts = Of(Make.Safe, "Cache-Control: max-age=60", "ETag: \"a\"");
        Assert.Equal(Make.Seconds(7), facts.InitialAge);
        Assert.Equal(Make.Seconds(60), facts.Lifetime);
        Assert.Equal(LifetimeSource.MaxAge, facts.LifetimeSource);
        Assert.Equal(Make.Seconds(12), facts.AgeAfter(Make.Seconds(5)));
        Assert.Equal(Make.Seconds(-2), facts.TtlAfter(Make.Seconds(55)));
        Assert.Equal(Make.Seconds(2), facts.StaleFor(Make.Seconds(55)));
    }

    [Theory]
    [InlineData("ETag: \"a\"", true)]
    [InlineData("Last-Modified: Thu, 15 Jan 2026 11:00:00 GMT", true)]
    [InlineData("ETag: a", false)]
    [InlineData("Last-Modified: 0", false)]
    public void Has_a_validator(string line, bool expected) => Assert.Equal(expected, Of(Make.Safe, line).HasValidator);

    [Theory]
    [InlineData("rule 24: must-revalidate", "max-age=60, must-revalidate", true, true)]
    [InlineData("rule 24: no-cache", "max-age=60, no-cache", true, true)]
    [InlineData("rule 24: proxy-revalidate, unless a policy overrides it", "max-age=60, proxy-revalidate", true, false)]
    [InlineData("rule 24: s-maxage, unless a policy overrides it", "s-maxage=60", true, false)]
    [InlineData("rule 24: s-maxage beside stale-while-revalidate", "s-maxage=60, stale-while-revalidate=30", true, false)]
    [InlineData("rule 24: the override does not reach must-revalidate", "s-maxage=60, must-revalidate", true, true)]
    [InlineData("an unreadable lifetime promises nothing", "s-maxage=x", true, true)]
    [InlineData("max-age alone", "max-age=60", false, false)]
    [InlineData("rule 19: qualified no-cache", "max-age=60, no-cache=\"a\"", false, false)]
    [InlineData("rule 22: immutable is for clients", "max-age=60, immutable", false, false)]
    public void Forbids_stale(string clause, string cacheControl, bool normally, bool withOverride)
    {
        foreach (var options in new[] { Make.Safe, Make.Rfc9111 })
        {
            Assert.True(normally == Of(options, "Cache-Control: " + cacheControl).ForbidsStale, clause);
            Assert.True(withOverride == Of(options with { IgnoreProxyRevalidate = true }, "Cache-Control: " + cacheControl).ForbidsStale, clause);
        }
    }

    [Fact]
    public void A_policy_gives_windows_only_where_the_origin_names_none()
    {
        var options = Make.Safe with { StaleWhileRevalidate = Make.Seconds(10), StaleIfError = Make.Seconds(20), StaleIfUnreachable = Make.Seconds(30) };
        var silent = Of(options, "Cache-Control: max-age=60");
        var outspoken = Of(options, "Cache-Control: max-age=60, stale-while-revalidate=1, stale-if-error=0");
        Assert.Equal((Make.Seconds(10), Make.Seconds(20), Make.Seconds(30)), (silent.StaleWhileRevalidate, silent.StaleIfError, silent.StaleIfUnreachable));
        Assert.Equal((Make.Seconds(1), Make.Seconds(0), Make.Seconds(30)), (outspoken.StaleWhileRevalidate, outspoken.StaleIfError, outspoken.StaleIfUnreachable));
    }

    [Fact]
    public void Rule_28_a_soft_purge_makes_the_moment_of_staleness_now()
    {
        var facts = Of(Make.Safe, "Cache-Control: max-age=60, stale-while-revalidate=10");
        var purged = facts.StaleFrom(Make.Seconds(5));
        Assert.Equal(TimeSpan.Zero, purged.TtlAfter(Make.Seconds(5)));
        Assert.Equal(Make.Seconds(3), purged.StaleFor(Make.Seconds(8)));
        Assert.Equal(facts, facts.StaleFrom(Make.Seconds(53)));
        Assert.Equal(facts, facts.StaleFrom(Make.Seconds(500)));
    }
}
