using DistCache.Semantics.Freshness;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Tests.Freshness;

/// <summary>RFC 9111 §4.2.1, §4.2.2; rules 16-18, 20.</summary>
public class FreshnessLifetimeTests
{
    private static FreshnessLifetime Of(CachingOptions options, int status, string lines) =>
        FreshnessLifetime.Of(Make.Response(status, options, Make.Lines(Dates(lines))), options);

    // E+n, LM-n: so many seconds from now; D: Date is now.
    private static string Dates(string lines) => string.Join('|', Make.Lines(lines).Select(line => line switch
    {
        "D" => "Date: " + Make.Date(),
        ['E', ..] when int.TryParse(line[1..], out var seconds) => "Expires: " + Make.Date(seconds),
        ['L', 'M', ..] when int.TryParse(line[2..], out var seconds) => "Last-Modified: " + Make.Date(seconds),
        _ => line,
    }));

    [Theory]
    [InlineData("§4.2.1: s-maxage before max-age", "Cache-Control: max-age=5, s-maxage=60", 60, LifetimeSource.SMaxAge)]
    [InlineData("§4.2.1: in the other order", "Cache-Control: s-maxage=60, max-age=5", 60, LifetimeSource.SMaxAge)]
    [InlineData("§4.2.1: over several lines", "Cache-Control: max-age=3600|Cache-Control: s-maxage=1", 1, LifetimeSource.SMaxAge)]
    [InlineData("§4.2.1: max-age before Expires", "Cache-Control: max-age=5|E+600|D", 5, LifetimeSource.MaxAge)]
    [InlineData("§4.2.1: max-age before a past Expires", "Cache-Control: max-age=3600|E-10000|D", 3600, LifetimeSource.MaxAge)]
    [InlineData("§4.2.1: max-age before an invalid Expires", "Cache-Control: max-age=3600|Expires: 0|D", 3600, LifetimeSource.MaxAge)]
    [InlineData("rule 20: max-age=0 with a far Expires", "Cache-Control: max-age=0|E+10000|D", 0, LifetimeSource.MaxAge)]
    [InlineData("§4.2.1: Expires minus Date", "E+600|D", 600, LifetimeSource.Expires)]
    [InlineData("rule 6: Expires minus receipt", "E+600", 600, LifetimeSource.Expires)]
    [InlineData("§4.2.1: Expires equal to Date", "E+0|D", 0, LifetimeSource.Expires)]
    [InlineData("§4.2.1: never negative", "E-600|D", 0, LifetimeSource.Expires)]
    [InlineData("§5.3: invalid Expires", "Expires: 0|D", 0, LifetimeSource.Expires)]
    [InlineData("rule 2: an invalid max-age is stale", "Cache-Control: max-age=x", 0, LifetimeSource.MaxAge)]
    [InlineData("rule 2: an invalid max-age does not fall back to Expires", "Cache-Control: max-age=x|E+600|D", 0, LifetimeSource.MaxAge)]
    [InlineData("§4.2.1: invalid information beside valid", "Cache-Control: s-maxage=60, max-age=x", 0, LifetimeSource.MaxAge)]
    [InlineData("rule 9: a targeted lifetime", "CDN-Cache-Control: max-age=60|Cache-Control: s-maxage=5|E+600", 60, LifetimeSource.Targeted)]
    [InlineData("rule 9: a targeted s-maxage", "CDN-Cache-Control: max-age=60, s-maxage=7", 7, LifetimeSource.Targeted)]
    [InlineData("rule 9: a negative targeted lifetime", "CDN-Cache-Control: max-age=-1", 0, LifetimeSource.Targeted)]
    [InlineData("rule 9: Surrogate-Control", "Surrogate-Control: max-age=60|Cache-Control: max-age=5", 60, LifetimeSource.Targeted)]
    public void Explicit(string clause, string lines, int seconds, LifetimeSource source)
    {
        var expected = new FreshnessLifetime(Make.Seconds(seconds), source);
        Assert.True(expected == Of(Make.Safe, 200, lines), clause);
        Assert.True(expected == Of(Make.Rfc9111, 200, lines), clause);
        Assert.True(expected.IsExplicit);
    }

    [Theory]
    [InlineData("rule 16: there is no default lifetime", "")]
    [InlineData("rule 9: a targeted field without a lifetime silences Expires", "CDN-Cache-Control: public|E+600|D")]
    public void None(string clause, string lines)
    {
        Assert.True(Of(Make.Safe, 200, lines) == default, clause);
        Assert.True(Of(Make.Rfc9111, 200, lines) == default, clause);
    }

    [Theory]
    [InlineData("§4.2.2: a tenth of (Date - Last-Modified)", 200, "LM-3600|D", 360)]
    [InlineData("rule 17: Date missing: receipt", 200, "LM-3600", 360)]
    [InlineData("rule 17: at most a day", 200, "LM-100000000|D", 86400)]
    [InlineData("rule 17: exactly a day", 200, "LM-864000|D", 86400)]
    [InlineData("rule 17: any status with public", 599, "LM-3600|D|Cache-Control: public", 360)]
    [InlineData("rule 17: a targeted field that says public", 599, "LM-3600|D|CDN-Cache-Control: public", 360)]
    public void Heuristic(string clause, int status, string lines, int seconds)
    {
        var lifetime = Of(Make.Rfc9111, status, lines);
        Assert.True(lifetime == new FreshnessLifetime(Make.Seconds(seconds), LifetimeSource.Heuristic), clause);
        Assert.False(lifetime.IsExplicit);
        Assert.Equal(default, Of(Make.Safe, status, lines));
    }

    [Theory]
    [InlineData("rule 17: not beside max-age", 200, "LM-3600|D|Cache-Control: max-age=0")]
    [InlineData("rule 17: not beside an invalid max-age", 200, "LM-3600|D|Cache-Control: max-age=x")]
    [InlineData("rule 17: not beside an invalid s-maxage", 200, "LM-3600|D|Cache-Control: s-maxage")]
    [InlineData("§4.2.2: not beside an explicit Expires", 200, "LM-3600|D|Expires: 0")]
    [InlineData("rule 17: not for other statuses", 302, "LM-3600|D")]
    [InlineData("rule 17: not without Last-Modified", 200, "D")]
    [InlineData("rule 5: not with an invalid Last-Modified", 200, "Last-Modified: 0|D")]
    [InlineData("rule 17: not when Last-Modified is Date", 200, "LM+0|D")]
    [InlineData("rule 17: not when Last-Modified lies behind Date", 200, "LM+60|D")]
    public void No_heuristic(string clause, int status, string lines) => Assert.True(Of(Make.Rfc9111, status, lines).Value == TimeSpan.Zero, clause);

    [Fact]
    public void The_heuristic_takes_its_figures_from_the_options()
    {
        var options = Make.Safe with { Heuristics = true, HeuristicFraction = 0.5, HeuristicMaximum = Make.Seconds(100) };
        Assert.Equal(Make.Seconds(50), Of(options, 200, "LM-100|D").Value);
        Assert.Equal(Make.Seconds(100), Of(options, 200, "LM-1000|D").Value);
    }

    [Fact]
    public void Rule_18_a_policy_gives_lifetimes_where_the_origin_gave_none()
    {
        var options = Make.Rfc9111 with { LifetimePerStatus = new Dictionary<int, TimeSpan> { [404] = Make.Seconds(10), [200] = TimeSpan.Zero } };
        Assert.Equal(new(Make.Seconds(10), LifetimeSource.Policy), Of(options, 404, "LM-3600|D"));
        Assert.Equal(LifetimeSource.MaxAge, Of(options, 404, "Cache-Control: max-age=0").Source);
        Assert.Equal(LifetimeSource.MaxAge, Of(options, 404, "Cache-Control: max-age=x").Source);
        Assert.Equal(LifetimeSource.Heuristic, Of(options, 200, "LM-3600|D").Source);
    }

    [Fact]
    public void Rule_18_in_safe_no_guess_and_no_policy_holds_for_what_an_attacker_can_bring_about()
    {
        var options = Make.Safe with { Heuristics = true, LifetimePerStatus = new Dictionary<int, TimeSpan> { [500] = Make.Seconds(10) } };
        Assert.Equal(default, Of(options, 500, "LM-3600|D|Cache-Control: public"));
        Assert.Equal(default, Of(options, 405, "LM-3600|D"));
        Assert.Equal(LifetimeSource.Heuristic, Of(options, 404, "LM-3600|D").Source);
    }
}
