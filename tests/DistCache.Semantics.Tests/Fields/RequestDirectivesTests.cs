using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Fields;

public class RequestDirectivesTests
{
    private static RequestDirectives Read(string lines) => RequestDirectives.Read((IEnumerable<string>)Make.Lines(lines));

    [Theory]
    [InlineData("rule 1: names are case-insensitive", "No-StOrE")]
    [InlineData("rule 1: among unknown ones", "foo, no-store, bar=1")]
    [InlineData("rule 1: several lines are one list", "foo | no-store")]
    [InlineData("an argument does not take back what forbids", "no-store=1")]
    public void No_store_is_seen(string clause, string lines) => Assert.True(Read(lines).NoStore, clause);

    [Theory]
    [InlineData("rule 1: text in a quoted string", "foo=\"no-store, no-cache, only-if-cached, max-age=1\"")]
    [InlineData("rule 7: unknown", "foo")]
    [InlineData("nothing", "")]
    public void Nothing_is_seen(string clause, string lines) => Assert.True(Read(lines) == default, clause);

    [Fact]
    public void Flags_of_9111_section_5_2_1() =>
        Assert.Equal(new() { NoCache = true, NoStore = true, OnlyIfCached = true }, Read("no-cache, no-store, only-if-cached"));

    [Theory]
    [InlineData("§5.2.1.1", "max-age=60", 60)]
    [InlineData("rule 1: quoted counts", "max-age=\"60\"", 60)]
    [InlineData("rule 1: quoted with an escape", "max-age=\"6\\0\"", 60)]
    [InlineData("rule 3: the smallest of several", "max-age=60, max-age=10, max-age=30", 10)]
    public void Max_age(string clause, string lines, int seconds) => Assert.True(Read(lines).MaxAge == Make.Seconds(seconds), clause);

    [Theory]
    [InlineData("max-age")]
    [InlineData("max-age=")]
    [InlineData("max-age=-1")]
    [InlineData("max-age='60'")]
    [InlineData("max-age =60")]
    [InlineData("max-age= 60")]
    [InlineData("max-age=\"60")]
    [InlineData("min-fresh=x")]
    [InlineData("max-stale=x")]
    [InlineData("max-stale=")]
    public void Invalid_arguments_count_as_absent(string line) => Assert.Equal(default, Read(line));

    [Theory]
    [InlineData("§5.2.1.3: the largest of several", "min-fresh=10, min-fresh=60, min-fresh=30", 60)]
    [InlineData("§5.2.1.3: zero", "min-fresh=0", 0)]
    public void Min_fresh(string clause, string lines, int seconds) => Assert.True(Read(lines).MinFresh == Make.Seconds(seconds), clause);

    [Fact]
    public void Max_stale_without_a_value_is_any_staleness() => Assert.Equal(TimeSpan.MaxValue, Read("max-stale").MaxStale);

    [Theory]
    [InlineData("max-stale, max-stale=60")]
    [InlineData("max-stale=60, max-stale")]
    public void Max_stale_with_a_value_is_the_stricter_one(string line) => Assert.Equal(Make.Seconds(60), Read(line).MaxStale);

    [Fact]
    public void Both_ways_of_reading_agree() =>
        Assert.Equal(Read("max-age=60 | no-cache"), RequestDirectives.Read((ReadOnlySpan<string?>)["max-age=60", null, "no-cache"]));

    [Fact]
    public void Reading_a_span_allocates_nothing()
    {
        string?[] lines = ["max-age=0, no-cache, foo=\"a, b\""];
        RequestDirectives.Read((ReadOnlySpan<string?>)lines);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            RequestDirectives.Read((ReadOnlySpan<string?>)lines);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
