using CsCheck;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Tests.Requests;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Fuzzing;

/// <summary>RFC 3986 §6.2.2: the canonical target, and paths as operators write them.</summary>
public class TargetFuzzTests
{
    private static readonly Gen<string> Target = Fuzz.Near(
        "/a/b.html?x=1", "/a/../b/./c", "/%2e%2E/%41%2f%252F", "//a///b", "/caf%c3%a9;x=%3b", "/?", "/a?b=%zz&c#d", "*", "http://a.example:80/x%2f?y", "HTTPS://a", "/.well-known/x", "/a\\b|c{}");

    [Fact]
    public void A_slow_reader_finds_the_same_or_refuses_too() => Fuzz.Holds(Target, raw =>
    {
        if (!raw.StartsWith('/'))
            return;
        var error = CanonicalTarget.TryParse(raw, out var target);
        Assert.Equal(CanonicalTargetTests.Reference(raw), error is TargetError.None ? target.Path + target.Query : null);
    });

    [Fact]
    public void A_canonical_target_is_its_own_never_longer_and_what_the_origin_reads() => Fuzz.Holds(Target, raw =>
    {
        if (CanonicalTarget.TryParse(raw, out var once) is not TargetError.None || once.IsAsterisk)
            return;
        var text = once.Path + once.Query;
        Assert.True(text.Length <= raw.Length + (once.Authority is null ? 0 : 1), text);
        Assert.Equal(TargetError.None, CanonicalTarget.TryParse(text, out var twice));
        Assert.Equal((once.Path, once.Query), (twice.Path, twice.Query));
        Assert.Equal(text, VerbatimTarget.Build("http://origin", once.Path, once.Query).PathAndQuery);
        Assert.DoesNotContain(text, c => c is <= ' ' or >= '\x7f' or '#');
    });

    [Fact]
    public void A_path_of_the_configuration_is_spelled_as_the_wire_spells_it() => Fuzz.Holds(Target, raw =>
    {
        var literal = PathLiteral.Canonicalize(raw);
        Assert.True(PathLiteral.IsWire(literal), literal);
        Assert.Equal(literal, PathLiteral.Canonicalize(literal));
        var isPlain = raw.StartsWith('/') && !raw.Contains('?') && !raw.Contains("/.", StringComparison.Ordinal) && !raw.Contains("%2e", StringComparison.OrdinalIgnoreCase);
        if (isPlain && CanonicalTarget.TryParse(raw, out var target) is TargetError.None)
            Assert.Equal(target.Path, literal);
    });
}
