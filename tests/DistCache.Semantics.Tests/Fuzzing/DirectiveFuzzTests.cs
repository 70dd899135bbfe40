using CsCheck;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;
using DistCache.TestKit;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>RFC 9111 §5.2, rules 1 to 3: directives of requests and responses.</summary>
public class DirectiveFuzzTests
{
    private static readonly Gen<string> Line = Fuzz.Near(
        "max-age=60", "s-maxage=\"60\", public", "no-store", "private=\"set-cookie, x\", no-cache", "MAX-AGE=0010, max-age=5", "max-stale, min-fresh=3", "only-if-cached",
        "stale-while-revalidate=60, stale-if-error=600", "foo=\"no-store\", must-understand", "max-age=60, max-age", "no-cache=\"a\", no-cache", "max-stale=7, max-stale=3");

    private static readonly Gen<string[]> Lines = Line.Array[0, 3];

    [Fact]
    public void Of_a_response_a_slow_reader_finds_the_same() => Fuzz.Holds(Lines, lines =>
    {
        var read = CacheControlReader.Read(lines, DirectiveSource.CacheControl);
        var slow = lines.SelectMany(SlowReader.Members).Select(SlowReader.Directive).ToList();
        Assert.Equal(slow.Exists(directive => directive.Name == "no-store"), read.NoStore);
        Assert.Equal(slow.Exists(directive => directive is { Name: "public", IsBare: true }), read.Public);
        Assert.Equal(slow.Exists(directive => directive is { Name: "must-understand", IsBare: true }), read.MustUnderstand);
        Assert.Equal(slow.Exists(directive => directive.Name == "must-revalidate"), read.MustRevalidate);
        Assert.Equal(Shortest(slow, "max-age"), read.MaxAge?.TotalSeconds);
        Assert.Equal(Shortest(slow, "s-maxage"), read.SMaxAge?.TotalSeconds);
        Assert.Equal(Shortest(slow, "stale-if-error"), read.StaleIfError?.TotalSeconds);
        Assert.Equal(slow.Exists(directive => directive.Name is "max-age" or "s-maxage" && Seconds(directive.Argument) is null), read.HasInvalidLifetime);
        Assert.Equal(slow.Exists(directive => directive.Name == "private" && !NamesFields(directive.Argument)), read.Private);
        Assert.Equal(slow.Exists(directive => directive.Name == "no-cache" && !NamesFields(directive.Argument)), read.NoCache);
    }, Show);

    [Fact]
    public void Of_a_request_a_slow_reader_finds_the_same() => Fuzz.Holds(Lines, lines =>
    {
        var read = RequestDirectives.Read(lines);
        var slow = lines.SelectMany(SlowReader.Members).Select(SlowReader.Directive).ToList();
        Assert.Equal(slow.Exists(directive => directive.Name == "no-store"), read.NoStore);
        Assert.Equal(slow.Exists(directive => directive.Name == "no-cache"), read.NoCache);
        Assert.Equal(slow.Exists(directive => directive.Name == "only-if-cached"), read.OnlyIfCached);
        Assert.Equal(Shortest(slow, "max-age"), read.MaxAge?.TotalSeconds);
        Assert.Equal(slow.Where(directive => directive.Name == "min-fresh").Max(directive => Seconds(directive.Argument)), read.MinFresh?.TotalSeconds);
        var bare = slow.Exists(directive => directive is { Name: "max-stale", IsBare: true });
        Assert.Equal(Shortest(slow, "max-stale") ?? (bare ? TimeSpan.MaxValue.TotalSeconds : null), read.MaxStale?.TotalSeconds);
    }, Show);

    [Fact]
    public void The_order_of_lines_says_nothing() => Fuzz.Holds(Lines, lines =>
    {
        var (one, other) = (CacheControlReader.Read(lines, DirectiveSource.CacheControl), CacheControlReader.Read(lines.Reverse(), DirectiveSource.CacheControl));
        Assert.Equal(one.FieldsNotToStore.Order(), other.FieldsNotToStore.Order());
        Assert.Equal(one with { FieldsNotToStore = [] }, other with { FieldsNotToStore = [] });
        Assert.Equal(RequestDirectives.Read(lines), RequestDirectives.Read(lines.Reverse()));
    }, Show);

    [Fact]
    public void One_more_line_never_permits_what_was_forbidden() => Fuzz.Holds(Gen.Select(Lines, Line), pair =>
    {
        var (less, more) = (CacheControlReader.Read(pair.Item1, DirectiveSource.CacheControl), CacheControlReader.Read([.. pair.Item1, pair.Item2], DirectiveSource.CacheControl));
        Assert.True(more.NoStore || !less.NoStore);
        Assert.True(more.Private || !less.Private);
        Assert.True(more.NoCache || !less.NoCache);
        Assert.True(more.MustRevalidate || !less.MustRevalidate);
        Assert.True(more.HasInvalidLifetime || !less.HasInvalidLifetime);
        Assert.True(less.MaxAge is null || more.MaxAge <= less.MaxAge);
        Assert.True(less.SMaxAge is null || more.SMaxAge <= less.SMaxAge);
        Assert.True(less.StaleIfError is null || more.StaleIfError <= less.StaleIfError);
        Assert.True(less.StaleWhileRevalidate is null || more.StaleWhileRevalidate <= less.StaleWhileRevalidate);
    }, pair => Show([.. pair.Item1, pair.Item2]));

    private static double? Shortest(List<(string Name, string? Argument, bool IsBare)> directives, string name) =>
        directives.Where(directive => directive.Name == name).Min(directive => Seconds(directive.Argument));

    private static double? Seconds(string? argument) => argument is null ? null : SlowReader.Seconds(argument);

    private static bool NamesFields(string? argument) =>
        argument is not null && SlowReader.Members(argument) is { Count: > 0 } names && names.TrueForAll(SlowReader.IsToken);

    private static string Show(string[] lines) => string.Join(" | ", lines.Select(Fuzz.Show));
}
