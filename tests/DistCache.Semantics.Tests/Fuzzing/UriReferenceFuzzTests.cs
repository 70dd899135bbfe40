using CsCheck;
using DistCache.Semantics.Uris;
using DistCache.Semantics.Writes;
using DistCache.TestKit;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>RFC 3986: references in Location and Content-Location (rule 45).</summary>
public class UriReferenceFuzzTests
{
    private static readonly Gen<string> Text = Fuzz.Near(
        "http://a.example/b/c?d", "//a.example:80/x", "../g", "g;x=1/../y", "?q", "#f", "", "HTTP://A.EXAMPLE:/", "./g:h", "/a/./b/../c/%2e%2e/d", "mailto:x", "http://user@a.example/", "/../..//x");

    [Fact]
    public void It_splits_as_appendix_B_says_and_comes_together_again() => Fuzz.Holds(Text, text =>
    {
        var split = UriReference.Split(text);
        Assert.Equal(SlowReader.Uri(text), (split.Scheme, split.Authority, split.Path, split.Query));
        var whole = text.Split('#')[0];
        Assert.Equal(whole, split.ToString(), ignoreCase: split.Scheme is not null);
        Assert.Equal(whole.Length, split.ToString().Length);
    });

    [Fact]
    public void It_resolves_by_the_letter_of_section_5_2() => Fuzz.Holds(Gen.Select(Gen.OneOf("http://a.example/b/c/d;p?q", "https://a.example", "http://a.example/"), Text), pair =>
    {
        var resolved = UriReference.Split(pair.Item1).Resolve(UriReference.Split(pair.Item2));
        Assert.Equal(Resolve(SlowReader.Uri(pair.Item1), SlowReader.Uri(pair.Item2)), (resolved.Scheme, resolved.Authority, resolved.Path, resolved.Query));
    }, pair => pair.Item1 + " " + Fuzz.Show(pair.Item2));

    [Fact]
    public void What_a_write_makes_invalid_is_of_its_own_origin() => Fuzz.Holds(Text, text =>
    {
        const string target = "http://a.example/b/c?d";
        foreach (var uri in InvalidationRules.Targets("POST", 200, target, text, text))
        {
            var (scheme, authority, _, _) = SlowReader.Uri(uri);
            Assert.Equal("http", scheme);
            Assert.Contains(authority!.ToLowerInvariant(), (string[])["a.example", "a.example:", "a.example:80"]);
        }
    });

    private static (string?, string?, string, string?) Resolve((string? Scheme, string? Authority, string Path, string? Query) b, (string? Scheme, string? Authority, string Path, string? Query) r)
    {
        if (r.Scheme is not null)
            return (r.Scheme, r.Authority, SlowReader.RemoveDots(r.Path), r.Query);
        if (r.Authority is not null)
            return (b.Scheme, r.Authority, SlowReader.RemoveDots(r.Path), r.Query);
        if (r.Path.Length == 0)
            return (b.Scheme, b.Authority, b.Path, r.Query ?? b.Query);
        if (r.Path[0] == '/')
            return (b.Scheme, b.Authority, SlowReader.RemoveDots(r.Path), r.Query);
        var merged = b.Path.Length == 0 ? "/" + r.Path : b.Path[..(b.Path.LastIndexOf('/') + 1)] + r.Path;
        return (b.Scheme, b.Authority, SlowReader.RemoveDots(merged), r.Query);
    }
}
