using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Tests.Storing;

/// <summary>Rule 9: RFC 9213 and Surrogate-Control.</summary>
public class TargetedFieldTests
{
    private const string Ours = "DistCache-CDN-Cache-Control";

    private static ResponseDirectives Read(params string[] lines) => Make.Response(lines).Directives;

    [Theory]
    [InlineData("9213 §2.2: more permissive than Cache-Control", "CDN-Cache-Control: max-age=3600 | Cache-Control: max-age=1", 3600)]
    [InlineData("9213 §2.2: less permissive than Cache-Control", "CDN-Cache-Control: max-age=1 | Cache-Control: max-age=3600", 1)]
    [InlineData("9213 §2.2: our own name before the general one", "CDN-Cache-Control: max-age=1 | DistCache-CDN-Cache-Control: max-age=5", 5)]
    [InlineData("9213 §2.2: an invalid first one leaves the second", "CDN-Cache-Control: max-age=1 | DistCache-CDN-Cache-Control: max-age=", 1)]
    [InlineData("9213 §2.2: an empty first one leaves the second", "CDN-Cache-Control: max-age=1 | DistCache-CDN-Cache-Control:", 1)]
    [InlineData("9213 §2.1: several lines are one dictionary", "CDN-Cache-Control: foo | CDN-Cache-Control: max-age=7", 7)]
    [InlineData("9213 §2.1: unknown members of any type", "CDN-Cache-Control: foo=(1 2);a, bar=\"x\", max-age=7", 7)]
    [InlineData("9213 §2.1: parameters are ignored", "CDN-Cache-Control: max-age=7;foo=bar", 7)]
    [InlineData("9651 §4.2.2: the last of a key twice", "CDN-Cache-Control: max-age=9, max-age=7", 7)]
    [InlineData("rule 2: 2^31", "CDN-Cache-Control: max-age=99999999999", 2147483648)]
    [InlineData("before Surrogate-Control", "CDN-Cache-Control: max-age=7 | Surrogate-Control: max-age=9", 7)]
    public void It_alone_decides(string clause, string lines, long seconds)
    {
        var directives = Read(Make.Lines(lines));
        Assert.True(directives.Source == DirectiveSource.Targeted, clause);
        Assert.Equal(TimeSpan.FromSeconds(seconds), directives.MaxAge);
    }

    [Fact]
    public void Directives_of_Cache_Control_and_Expires_do_not_leak_in()
    {
        var response = Make.Response("CDN-Cache-Control: max-age=60", "Cache-Control: no-store, private, no-cache, must-revalidate", "Expires: 0");
        Assert.Equal(new() { Source = DirectiveSource.Targeted, MaxAge = Make.Seconds(60) }, response.Directives);
        Assert.Null(response.Expires);
    }

    [Theory]
    [InlineData("9213 §2.2: no dictionary", "CDN-Cache-Control: max-age=10000, &&&&&")]
    [InlineData("9651 §3.2: space before =", "CDN-Cache-Control: max-age =100")]
    [InlineData("9651 §3.2: space behind =", "CDN-Cache-Control: max-age= 100")]
    [InlineData("9651 §3.1.2: keys are lower-case", "CDN-Cache-Control: MaX-aGe=3600")]
    [InlineData("9651 §4.2: trailing comma", "CDN-Cache-Control: max-age=3600,")]
    [InlineData("rule 9: empty", "CDN-Cache-Control:")]
    public void Invalid_as_a_whole_it_is_ignored(string clause, string line)
    {
        var directives = Read(line, "Cache-Control: no-store");
        Assert.True(directives is { Source: DirectiveSource.CacheControl, NoStore: true, MaxAge: null }, clause);
    }

    [Theory]
    [InlineData("max-age as a string", "max-age=\"10000\"")]
    [InlineData("max-age as a decimal", "max-age=60.0")]
    [InlineData("max-age as a token", "max-age=a")]
    [InlineData("max-age without a value", "max-age")]
    [InlineData("max-age as an inner list", "max-age=(1 2)")]
    [InlineData("no-store with an integer", "no-store=1")]
    [InlineData("no-store with a string", "no-store=\"foo\"")]
    [InlineData("no-store says not", "no-store=?0")]
    [InlineData("private with an integer", "private=1")]
    [InlineData("stale-if-error as a boolean", "stale-if-error")]
    public void A_directive_of_the_wrong_type_counts_as_absent_and_the_field_decides_all_the_same(string clause, string members) =>
        Assert.True(Read("CDN-Cache-Control: " + members, "Cache-Control: max-age=5") == new ResponseDirectives { Source = DirectiveSource.Targeted }, clause);

    [Fact]
    public void A_negative_lifetime_has_the_right_type_and_is_invalid() => Assert.True(Read("CDN-Cache-Control: max-age=-1").HasInvalidLifetime);

    [Fact]
    public void All_directives_are_understood()
    {
        var read = Read("CDN-Cache-Control: s-maxage=1, max-age=2, stale-while-revalidate=3, stale-if-error=4, no-store, no-cache, private, public, must-revalidate, proxy-revalidate, must-understand, no-transform");
        Assert.Equal(
            new()
            {
                Source = DirectiveSource.Targeted,
                SMaxAge = Make.Seconds(1),
                MaxAge = Make.Seconds(2),
                StaleWhileRevalidate = Make.Seconds(3),
                StaleIfError = Make.Seconds(4),
                NoStore = true,
                NoCache = true,
                Private = true,
                Public = true,
                MustRevalidate = true,
                ProxyRevalidate = true,
                MustUnderstand = true,
                NoTransform = true,
            },
            read);
    }

    [Theory]
    [InlineData("as a string", "private=\"a, b\"", "a,b")]
    [InlineData("as a token", "no-cache=a", "a")]
    public void Qualified_directives_name_fields(string clause, string members, string names)
    {
        var directives = Read("CDN-Cache-Control: " + members);
        Assert.False(directives.Private || directives.NoCache, clause);
        Assert.Equal(names, string.Join(',', directives.FieldsNotToStore));
    }

    [Fact]
    public void Names_come_from_the_options()
    {
        var options = Make.Safe with { TargetedFields = ["Acme-CDN-Cache-Control"] };
        var response = Make.Response(200, options, "Acme-CDN-Cache-Control: max-age=1", "CDN-Cache-Control: max-age=2", Ours + ": max-age=3");
        Assert.Equal(Make.Seconds(1), response.Directives.MaxAge);
    }

    [Theory]
    [InlineData("a lifetime", "max-age=3600", 3600)]
    [InlineData("names are case-insensitive", "MaX-aGe=3600", 3600)]
    [InlineData("beside an extension", "foobar, max-age=3600, content=\"ESI/1.0\"", 3600)]
    [InlineData("lifetime plus grace", "max-age=600+30", 600)]
    [InlineData("zero", "max-age=0", 0)]
    public void Surrogate_Control_is_read_before_Cache_Control(string clause, string value, int seconds)
    {
        var response = Make.Response("Surrogate-Control: " + value, "Cache-Control: no-store, max-age=1", "Expires: 0");
        Assert.True(response.Directives.Source == DirectiveSource.SurrogateControl, clause);
        Assert.Equal(Make.Seconds(seconds), response.Directives.MaxAge);
        Assert.False(response.Directives.NoStore);
        Assert.Null(response.Expires);
    }

    [Fact]
    public void Surrogate_Control_brings_no_store_and_windows()
    {
        Assert.True(Read("Surrogate-Control: no-store", "Cache-Control: max-age=60").NoStore);
        Assert.Equal(Make.Seconds(30), Read("Surrogate-Control: max-age=1, stale-while-revalidate=30").StaleWhileRevalidate);
    }

    [Theory]
    [InlineData("max-age =100")]
    [InlineData("max-age=600+x")]
    [InlineData("max-age=+30")]
    public void An_invalid_lifetime_in_Surrogate_Control_means_stale(string value) => Assert.True(Read("Surrogate-Control: " + value).HasInvalidLifetime);

    [Fact]
    public void Surrogate_Control_without_a_word_on_caching_leaves_Cache_Control() =>
        Assert.Equal(Make.Seconds(60), Read("Surrogate-Control: content=\"ESI/1.0\"", "Cache-Control: max-age=60").MaxAge);
}
