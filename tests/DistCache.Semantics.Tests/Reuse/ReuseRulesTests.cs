using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Tests.Reuse;

/// <summary>
/// Rules 22-29. Lifetime 60, initial age 0 in every row, so the resident time is the age. Expected: decision and reason.
/// </summary>
public class ReuseRulesTests
{
    private static string Decide(CachingOptions options, string response, double age, string? request = null, bool hasValidator = true)
    {
        var facts = Make.Response(200, options, "Cache-Control: " + response, hasValidator ? "ETag: \"a\"" : "X: y");
        var stored = ReuseFacts.Of(facts, TimeSpan.Zero, options);
        var decision = ReuseRules.Decide(Make.Request(request), stored, Make.Seconds(age), options, out var reason);
        return $"{decision} {reason.Reason()}";
    }

    [Theory]
    [InlineData("§4.2: lifetime > age", "max-age=60", 59.999, "Serve fresh")]
    [InlineData("§4.2: not when they are equal", "max-age=60", 60, "Validate stale")]
    [InlineData("§4.2: not when age is larger", "max-age=60", 61, "Validate stale")]
    [InlineData("§4.2: max-age=0", "max-age=0", 0, "Validate stale")]
    [InlineData("rule 22: no-cache", "max-age=60, no-cache", 1, "Validate no-cache")]
    [InlineData("rule 24: must-revalidate while fresh", "max-age=60, must-revalidate", 1, "Serve fresh")]
    [InlineData("rule 25: within the window", "max-age=60, stale-while-revalidate=10", 60, "ServeStaleAndValidate stale-while-revalidate")]
    [InlineData("5861 §3: up to the indicated number of seconds", "max-age=60, stale-while-revalidate=10", 70, "ServeStaleAndValidate stale-while-revalidate")]
    [InlineData("rule 25: behind the window", "max-age=60, stale-while-revalidate=10", 70.001, "Validate stale")]
    [InlineData("5861 §3: a window of zero is none", "max-age=60, stale-while-revalidate=0", 60, "Validate stale")]
    [InlineData("rule 25: while fresh", "max-age=60, stale-while-revalidate=10", 59, "Serve fresh")]
    [InlineData("rule 24: must-revalidate closes the window", "max-age=60, must-revalidate, stale-while-revalidate=10", 61, "Validate stale")]
    [InlineData("rule 24: proxy-revalidate closes the window", "max-age=60, proxy-revalidate, stale-while-revalidate=10", 61, "Validate stale")]
    [InlineData("rule 24: s-maxage closes the window", "s-maxage=60, stale-while-revalidate=10", 61, "Validate stale")]
    [InlineData("rule 24: no-cache closes the window", "max-age=60, no-cache, stale-while-revalidate=10", 61, "Validate no-cache")]
    [InlineData("stale-if-error is no permission before an error", "max-age=60, stale-if-error=10", 61, "Validate stale")]
    public void Without_request_directives(string clause, string response, double age, string expected)
    {
        Assert.True(expected == Decide(Make.Safe, response, age), clause);
        Assert.True(expected == Decide(Make.Rfc9111, response, age), clause);
    }

    [Fact]
    public void Without_a_validator_there_is_nothing_to_validate()
    {
        Assert.Equal("Fetch stale", Decide(Make.Safe, "max-age=60", 60, hasValidator: false));
        Assert.Equal("Fetch no-cache", Decide(Make.Safe, "max-age=60, no-cache", 1, hasValidator: false));
    }

    [Theory]
    [InlineData("§5.2.1.4: no-cache", "max-age=60", 1, "no-cache", "Serve fresh", "Validate request-no-cache")]
    [InlineData("§5.2.1.1: max-age, younger", "max-age=60", 10, "max-age=20", "Serve fresh", "Serve fresh")]
    [InlineData("§5.2.1.1: max-age, the same age", "max-age=60", 20, "max-age=20", "Serve fresh", "Serve fresh")]
    [InlineData("§5.2.1.1: max-age, older", "max-age=60", 21, "max-age=20", "Serve fresh", "Validate request-max-age")]
    [InlineData("§5.2.1.1: max-age=0", "max-age=60", 1, "max-age=0", "Serve fresh", "Validate request-max-age")]
    [InlineData("§5.2.1.3: min-fresh, enough left", "max-age=60", 40, "min-fresh=20", "Serve fresh", "Serve fresh")]
    [InlineData("§5.2.1.3: min-fresh, too little left", "max-age=60", 41, "min-fresh=20", "Serve fresh", "Validate request-min-fresh")]
    [InlineData("§5.2.1.2: max-stale without a value", "max-age=60", 6000, "max-stale", "Validate stale", "Serve request-max-stale")]
    [InlineData("§5.2.1.2: max-stale, no more than", "max-age=60", 80, "max-stale=20", "Validate stale", "Serve request-max-stale")]
    [InlineData("§5.2.1.2: max-stale, more than", "max-age=60", 80.5, "max-stale=20", "Validate stale", "Validate stale")]
    [InlineData("§5.2.1.2: max-stale never beats must-revalidate", "max-age=60, must-revalidate", 61, "max-stale", "Validate stale", "Validate stale")]
    [InlineData("§5.2.1.2: max-stale never beats s-maxage", "s-maxage=60", 61, "max-stale", "Validate stale", "Validate stale")]
    [InlineData("§5.2.1.1: max-age and max-stale, young enough", "max-age=60", 70, "max-stale=20, max-age=75", "Validate stale", "Serve request-max-stale")]
    [InlineData("§5.2.1.1: max-age and max-stale, too old", "max-age=60", 76, "max-stale=20, max-age=75", "Validate stale", "Validate stale")]
    [InlineData("§5.2.1.3: min-fresh and max-stale", "max-age=60", 61, "max-stale=20, min-fresh=0", "Validate stale", "Validate stale")]
    [InlineData("§5.2.1.1: max-age closes stale-while-revalidate", "max-age=60, stale-while-revalidate=10", 61, "max-age=600", "ServeStaleAndValidate stale-while-revalidate", "Validate stale")]
    [InlineData("§5.2.1.3: min-fresh closes stale-while-revalidate", "max-age=60, stale-while-revalidate=10", 61, "min-fresh=1", "ServeStaleAndValidate stale-while-revalidate", "Validate stale")]
    [InlineData("§5.2.1.5: no-store says nothing on reuse", "max-age=60", 1, "no-store", "Serve fresh", "Serve fresh")]
    [InlineData("rule 2: an invalid argument is absent", "max-age=60", 1, "max-age=x", "Serve fresh", "Serve fresh")]
    [InlineData("rule 7: unknown", "max-age=60", 1, "foo", "Serve fresh", "Serve fresh")]
    public void Request_directives(string clause, string response, double age, string request, string safe, string rfc9111)
    {
        Assert.True(safe == Decide(Make.Safe, response, age, request), clause);
        Assert.True(rfc9111 == Decide(Make.Rfc9111, response, age, request), clause);
    }

    [Theory]
    [InlineData("§5.2.1.7: fresh", "max-age=60", 1, "Serve fresh")]
    [InlineData("§5.2.1.7: stale", "max-age=60", 61, "GatewayTimeout only-if-cached")]
    [InlineData("§5.2.1.7: no-cache", "max-age=60, no-cache", 1, "GatewayTimeout only-if-cached")]
    [InlineData("§5.2.1.7: within stale-while-revalidate, and no origin request", "max-age=60, stale-while-revalidate=10", 61, "Serve stale-while-revalidate")]
    public void Only_if_cached_holds_in_both_presets(string clause, string response, double age, string expected)
    {
        Assert.True(expected == Decide(Make.Safe, response, age, "only-if-cached"), clause);
        Assert.True(expected == Decide(Make.Rfc9111, response, age, "only-if-cached"), clause);
    }

    [Fact]
    public void Without_anything_stored()
    {
        Assert.Equal(ReuseDecision.Fetch, ReuseRules.DecideWithoutStored(Make.Request(), Make.Safe));
        Assert.Equal(ReuseDecision.GatewayTimeout, ReuseRules.DecideWithoutStored(Make.Request("only-if-cached"), Make.Safe));
        Assert.Equal(ReuseDecision.GatewayTimeout, ReuseRules.DecideWithoutStored(Make.Request("only-if-cached"), Make.Rfc9111));
    }

    private static bool MayServe(CachingOptions options, string response, double age, OriginFailure failure, string? request = null)
    {
        var stored = ReuseFacts.Of(Make.Response(200, options, "Cache-Control: " + response), TimeSpan.Zero, options);
        return ReuseRules.MayServeOnFailure(Make.Request(request), stored, Make.Seconds(age), failure, options);
    }

    [Theory]
    [InlineData("rule 26: within stale-if-error", "max-age=60, stale-if-error=10", 61, true)]
    [InlineData("5861 §4: up to the indicated number of seconds", "max-age=60, stale-if-error=10", 70, true)]
    [InlineData("rule 26: behind stale-if-error", "max-age=60, stale-if-error=10", 70.001, false)]
    [InlineData("rule 26: a window of zero is none", "max-age=60, stale-if-error=0", 60, false)]
    [InlineData("rule 26: no window", "max-age=60", 60, false)]
    [InlineData("rule 26: stale-while-revalidate is another window", "max-age=60, stale-while-revalidate=10", 61, false)]
    [InlineData("rule 24: must-revalidate", "max-age=60, stale-if-error=10, must-revalidate", 61, false)]
    [InlineData("rule 24: proxy-revalidate", "max-age=60, stale-if-error=10, proxy-revalidate", 61, false)]
    [InlineData("rule 24: s-maxage", "s-maxage=60, stale-if-error=10", 61, false)]
    [InlineData("rule 24: no-cache", "max-age=60, stale-if-error=10, no-cache", 61, false)]
    public void On_failure(string clause, string response, double age, bool expected)
    {
        foreach (var options in new[] { Make.Safe, Make.Rfc9111 with { StaleIfError = null, StaleIfUnreachable = TimeSpan.Zero } })
        {
            Assert.True(expected == MayServe(options, response, age, OriginFailure.ServerError), clause);
            Assert.True(expected == MayServe(options, response, age, OriginFailure.Unreachable), clause);
        }
    }

    [Theory]
    [InlineData("rule 27: within", "max-age=60", 90, true)]
    [InlineData("rule 27: behind", "max-age=60", 91, false)]
    [InlineData("rule 27: the longer of the two windows", "max-age=60, stale-if-error=100", 91, true)]
    [InlineData("rule 27: forbidden", "max-age=60, must-revalidate", 61, false)]
    [InlineData("rule 27: forbidden by s-maxage", "s-maxage=60", 61, false)]
    [InlineData("rule 27: forbidden by no-cache", "max-age=60, no-cache", 61, false)]
    public void Disconnected(string clause, string response, double age, bool expected)
    {
        var options = Make.Safe with { StaleIfUnreachable = Make.Seconds(30) };
        Assert.True(expected == MayServe(options, response, age, OriginFailure.Unreachable), clause);
    }

    [Theory]
    [InlineData("§4.2.4: disconnected, and nothing forbids it", "max-age=60", OriginFailure.Unreachable, 200, true)]
    [InlineData("§4.3.3: a 5xx on validation may count as no answer", "max-age=60", OriginFailure.ServerError, 200, true)]
    [InlineData("§4.3.3: the origin's own window counts more", "max-age=60, stale-if-error=0", OriginFailure.ServerError, 200, false)]
    [InlineData("§5.2.2.2: forbidden", "max-age=60, must-revalidate", OriginFailure.Unreachable, 200, false)]
    [InlineData("a stored error is no better than a new one", "max-age=60", OriginFailure.ServerError, 503, false)]
    public void In_rfc9111_a_policys_windows_are_a_day(string clause, string response, OriginFailure failure, int status, bool expected)
    {
        var stored = ReuseFacts.Of(Make.Response(status, Make.Rfc9111, "Cache-Control: " + response), TimeSpan.Zero, Make.Rfc9111);
        bool At(double age) => ReuseRules.MayServeOnFailure(Make.Request(), stored, Make.Seconds(age), failure, Make.Rfc9111);
        Assert.True(expected == At(60 + 86400), clause);
        Assert.False(At(60 + 86401), clause);
    }

    [Fact]
    public void Rule_27_is_not_for_an_origin_that_answered() =>
        Assert.False(MayServe(Make.Safe with { StaleIfUnreachable = Make.Seconds(30) }, "max-age=60", 61, OriginFailure.ServerError));

    [Theory]
    [InlineData("request no-cache stands against it, where it is honoured", "no-cache", true, false)]
    [InlineData("5861 §4: regardless of other freshness information", "max-age=0", true, true)]
    [InlineData("5861 §4: regardless of other freshness information", "min-fresh=5", true, true)]
    public void On_failure_with_request_directives(string clause, string request, bool safe, bool rfc9111)
    {
        Assert.True(safe == MayServe(Make.Safe, "max-age=60, stale-if-error=10", 61, OriginFailure.ServerError, request), clause);
        Assert.True(rfc9111 == MayServe(Make.Rfc9111, "max-age=60, stale-if-error=10", 61, OriginFailure.ServerError, request), clause);
    }

    [Fact]
    public void A_policy_may_override_what_s_maxage_says_on_stale()
    {
        var options = Make.Safe with { IgnoreProxyRevalidate = true, StaleIfError = Make.Seconds(10) };
        Assert.Equal("ServeStaleAndValidate stale-while-revalidate", Decide(options, "s-maxage=60, stale-while-revalidate=10", 61));
        Assert.True(MayServe(options, "s-maxage=60", 61, OriginFailure.ServerError));
        Assert.False(MayServe(options, "s-maxage=60, must-revalidate", 61, OriginFailure.ServerError));
    }

    [Fact]
    public void Rule_28_windows_count_from_a_soft_purge()
    {
        var stored = ReuseFacts.Of(Make.Response("Cache-Control: max-age=60, stale-while-revalidate=10", "ETag: \"a\""), TimeSpan.Zero, Make.Safe).StaleFrom(Make.Seconds(5));
        Assert.Equal(ReuseDecision.ServeStaleAndValidate, ReuseRules.Decide(Make.Request(), stored, Make.Seconds(15), Make.Safe, out _));
        Assert.Equal(ReuseDecision.Validate, ReuseRules.Decide(Make.Request(), stored, Make.Seconds(16), Make.Safe, out _));
    }

    [Fact]
    public void A_decision_allocates_nothing()
    {
        var request = Make.Request("max-stale=5, max-age=100");
        var stored = ReuseFacts.Of(Make.Response("Cache-Control: max-age=60, stale-while-revalidate=10", "ETag: \"a\""), TimeSpan.Zero, Make.Rfc9111);
        Span<int> ages = [1, 61, 66, 90];
        foreach (var age in ages)
            ReuseRules.Decide(request, stored, Make.Seconds(age), Make.Rfc9111, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            foreach (var age in ages)
                ReuseRules.Decide(request, stored, Make.Seconds(age), Make.Rfc9111, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
