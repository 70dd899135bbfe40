using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Tests.Storing;

/// <summary>Cache-Control of a response, rules 1-3. '|' separates lines.</summary>
public class CacheControlTests
{
    private static ResponseDirectives Read(string lines) =>
        Make.Response(Make.Lines(lines).Select(line => "Cache-Control: " + line).ToArray()).Directives;

    [Theory]
    [InlineData("rule 1: names are case-insensitive", "MaX-aGe=60", 60)]
    [InlineData("rule 1: quoted-string argument", "max-age=\"60\"", 60)]
    [InlineData("rule 1: quoted-string with an escape", "max-age=\"6\\0\"", 60)]
    [InlineData("rule 1: unknown directives are ignored", "foobar, max-age=60", 60)]
    [InlineData("rule 1: unknown directives with any argument", "foo=\"a\\\"b, max-age=1\", max-age=60", 60)]
    [InlineData("rule 1: text in a quoted string before", "extension=\"max-age=3600\", max-age=1", 1)]
    [InlineData("rule 1: text in a quoted string behind", "max-age=1, extension=\"max-age=3600\"", 1)]
    [InlineData("rule 1: text in a quoted string before a quoted argument", "extension=\"max-age=100\", max-age=\"1\"", 1)]
    [InlineData("rule 1: several lines are one list", "public | max-age=60", 60)]
    [InlineData("rule 1: empty members", ",, max-age=60 ,", 60)]
    [InlineData("rule 2: leading zeros", "max-age=003600", 3600)]
    [InlineData("rule 2: zero", "max-age=0", 0)]
    [InlineData("rule 2: 2^31", "max-age=2147483648", 2147483648)]
    [InlineData("rule 2: larger than 2^31", "max-age=99999999999", 2147483648)]
    [InlineData("rule 2: larger than 2^64", "max-age=99999999999999999999999", 2147483648)]
    [InlineData("rule 3, §4.2.1: the smallest, first", "max-age=1, max-age=1800", 1)]
    [InlineData("rule 3, §4.2.1: the smallest, last", "max-age=1800, max-age=1", 1)]
    [InlineData("rule 3, §4.2.1: the smallest, on lines of their own", "max-age=1800 | max-age=1", 1)]
    [InlineData("rule 3, §4.2.1: the same twice", "max-age=60, max-age=60", 60)]
    public void Max_age_is_valid(string clause, string lines, long seconds)
    {
        var directives = Read(lines);
        Assert.True(directives.MaxAge == TimeSpan.FromSeconds(seconds), clause);
        Assert.False(directives.HasInvalidLifetime, clause);
        Assert.Equal(DirectiveSource.CacheControl, directives.Source);
    }

    [Theory]
    [InlineData("rule 2: minus", "max-age=-100")]
    [InlineData("rule 2: plus", "max-age=+100")]
    [InlineData("rule 2: fraction", "max-age=3600.0")]
    [InlineData("rule 2: single quotes", "max-age='3600'")]
    [InlineData("rule 2: leading alpha", "max-age=a3600")]
    [InlineData("rule 2: trailing alpha", "max-age=3600a")]
    [InlineData("rule 2: no value", "max-age")]
    [InlineData("rule 2: empty value", "max-age=")]
    [InlineData("rule 2: empty quoted value", "max-age=\"\"")]
    [InlineData("rule 2: space before =", "max-age =3600")]
    [InlineData("rule 2: space behind =", "max-age= 3600")]
    [InlineData("rule 2: a list in quotes", "max-age=\"1, 2\"")]
    [InlineData("rule 2: open quote", "max-age=\"3600")]
    [InlineData("rule 2: something behind the quotes", "max-age=\"3600\"x")]
    [InlineData("rule 2: a parameter", "max-age=3600;x=1")]
    [InlineData("rule 3: valid and invalid", "max-age=3600, max-age=abc")]
    [InlineData("rule 3: invalid and valid", "max-age=abc | max-age=3600")]
    [InlineData("rule 2: s-maxage too", "s-maxage=x, max-age=3600")]
    [InlineData("rule 2: max-age beside a valid s-maxage", "s-maxage=3600, max-age=x")]
    public void Lifetime_is_invalid(string clause, string lines) => Assert.True(Read(lines).HasInvalidLifetime, clause);

    [Theory]
    [InlineData("9111 §5.2.2.10", "s-maxage=60, max-age=5", 60)]
    [InlineData("rule 3: the smallest", "s-maxage=60, s-maxage=5", 5)]
    public void S_maxage(string clause, string lines, int seconds) => Assert.True(Read(lines).SMaxAge == Make.Seconds(seconds), clause);

    [Theory]
    [InlineData("5861 §3: token", "stale-while-revalidate=30", 30)]
    [InlineData("rule 1: quoted", "stale-while-revalidate=\"30\"", 30)]
    [InlineData("rule 3: the smallest", "stale-while-revalidate=30, stale-while-revalidate=5", 5)]
    [InlineData("rule 2: an invalid one is ignored", "stale-while-revalidate=x", -1)]
    [InlineData("rule 2: an invalid one beside a valid one", "stale-while-revalidate=x, stale-while-revalidate=7", 7)]
    [InlineData("rule 2: no value", "stale-while-revalidate", -1)]
    public void Stale_windows(string clause, string lines, int seconds)
    {
        TimeSpan? expected = seconds < 0 ? null : Make.Seconds(seconds);
        Assert.True(Read(lines).StaleWhileRevalidate == expected, clause);
        Assert.True(Read(lines.Replace("while-revalidate", "if-error")).StaleIfError == expected, clause);
        Assert.False(Read(lines).HasInvalidLifetime, clause);
    }

    [Fact]
    public void Flags_of_9111_section_5_2_2()
    {
        var all = Read("no-store, no-cache, private, public, must-revalidate, proxy-revalidate, must-understand, no-transform");
        Assert.True(all is { NoStore: true, NoCache: true, Private: true, Public: true, MustRevalidate: true, ProxyRevalidate: true, MustUnderstand: true, NoTransform: true });
        Assert.True(Read("immutable, foo") is { NoStore: false, NoCache: false, Private: false, Public: false, MustRevalidate: false, ProxyRevalidate: false, MustUnderstand: false, NoTransform: false });
    }

    [Theory]
    [InlineData("rule 1: case", "No-StOrE")]
    [InlineData("with an argument that it does not have", "no-store=1")]
    [InlineData("with a parameter that it does not have", "no-store;x")]
    [InlineData("followed by text", "no-store foo")]
    [InlineData("behind an open quote", "foo=\"bar, no-store")]
    public void What_forbids_counts_whatever_is_attached_to_it(string clause, string lines) => Assert.True(Read(lines).NoStore, clause);

    [Theory]
    [InlineData("public=1")]
    [InlineData("public foo")]
    [InlineData("must-understand=1")]
    public void What_permits_counts_only_as_defined(string line)
    {
        var directives = Read(line);
        Assert.False(directives.Public);
        Assert.False(directives.MustUnderstand);
    }

    [Theory]
    [InlineData("rule 19, §5.2.2.4: one name", "no-cache=\"a\"", "a")]
    [InlineData("rule 19, §5.2.2.4: several names", "no-cache=\"a, b\"", "a,b")]
    [InlineData("rule 19, §5.2.2.4: as a token", "no-cache=a", "a")]
    [InlineData("rule 19, §5.2.2.7: private", "private=\"Set-Cookie\"", "Set-Cookie")]
    [InlineData("rule 19: both", "private=\"a\", no-cache=\"b\"", "a,b")]
    public void Qualified_directives_name_fields(string clause, string lines, string names)
    {
        var directives = Read(lines);
        Assert.False(directives.NoCache || directives.Private, clause);
        Assert.Equal(names, string.Join(',', directives.FieldsNotToStore));
    }

    [Theory]
    [InlineData("no names", "no-cache=\"\"")]
    [InlineData("no field names", "no-cache=\"a b\"")]
    [InlineData("open quote", "no-cache=\"a")]
    [InlineData("no value", "no-cache=")]
    [InlineData("qualified and unqualified", "no-cache=\"a\", no-cache")]
    public void What_is_not_a_list_of_names_counts_as_unqualified(string clause, string lines)
    {
        Assert.True(Read(lines).NoCache, clause);
        Assert.True(Read(lines.Replace("no-cache", "private")).Private, clause);
    }

    [Theory]
    [InlineData("rule 7: an unknown directive", "Cache-Control: foo")]
    [InlineData("rule 7: Pragma: no-cache", "Pragma: no-cache")]
    [InlineData("rule 7: Pragma: foo", "Pragma: foo")]
    public void Changes_nothing(string clause, string line)
    {
        var directives = Make.Response(line).Directives;
        Assert.True(directives with { Source = DirectiveSource.None } == Make.Response().Directives, clause);
    }
}
