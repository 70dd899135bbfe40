using System.Text;
using CsCheck;
using DistCache.Proxy.Requests;

namespace DistCache.Proxy.Tests.Requests;

public class CanonicalTargetTests
{
    [Theory]
    [InlineData("/", "/", "")]
    [InlineData("/a/b.html", "/a/b.html", "")]
    [InlineData("/a?", "/a", "")] // An empty query is no query.
    [InlineData("/a??", "/a", "??")]
    [InlineData("/a?b=c&b=%zz", "/a", "?b=c&b=%zz")]
    [InlineData("/a?q=100%", "/a", "?q=100%")]
    [InlineData("/a?t=1%0D%0a2", "/a", "?t=1%0D%0a2")] // Form data: kept as sent.
    [InlineData("/a?x=/../y", "/a", "?x=/../y")]
    [InlineData("/a?{}|\\^`\"<>", "/a", "?{}|\\^`\"<>")]
    [InlineData("/%7ea%41%2d%5F%2E5", "/~aA-_.5", "")] // RFC 3986 §6.2.2.2
    [InlineData("/a%2fb", "/a%2Fb", "")] // §6.2.2.1
    [InlineData("/a%252fb", "/a%252fb", "")] // %25 is data; what follows it is no escape.
    [InlineData("/caf%c3%a9/%e9/%ff", "/caf%C3%A9/%E9/%FF", "")]
    [InlineData("/%c0%af", "/%C0%AF", "")]
    [InlineData("/a//b", "/a//b", "")]
    [InlineData("//a", "//a", "")]
    [InlineData("/a/./b", "/a/b", "")] // §5.2.4
    [InlineData("/a/../b", "/b", "")]
    [InlineData("/a/b/..", "/a/", "")]
    [InlineData("/a/b/.", "/a/b/", "")]
    [InlineData("/..", "/", "")]
    [InlineData("/../../a", "/a", "")]
    [InlineData("/a//../b", "/a/b", "")]
    [InlineData("/a/%2e%2E/b", "/b", "")]
    [InlineData("/a/.%2e/b?x", "/b", "?x")]
    [InlineData("/a/%2e./%2E/b", "/b", "")]
    [InlineData("/a/..%2fb", "/a/..%2Fb", "")] // %2F ends no segment.
    [InlineData("/a/...", "/a/...", "")]
    [InlineData("/.a/b.", "/.a/b.", "")]
    [InlineData("/a;x=%3b", "/a;x=%3B", "")]
    [InlineData("*", "*", "")]
    public void A_target_has_this_one_spelling(string raw, string path, string query)
    {
        Assert.Equal(TargetError.None, CanonicalTarget.TryParse(raw, out var target));
        Assert.Equal((path, query, null), (target.Path, target.Query, target.Authority));
    }

    [Theory]
    [InlineData("http://a.example/x/../y?z", "/y", "?z", "http", "a.example")]
    [InlineData("HTTP://A:80", "/", "", "http", "A:80")] // RFC 9112 §3.2.1: an empty path is sent as "/".
    [InlineData("https://a?q", "/", "?q", "https", "a")]
    [InlineData("http://a/x%2f", "/x%2F", "", "http", "a")]
    public void An_absolute_form_loses_scheme_and_authority(string raw, string path, string query, string scheme, string authority)
    {
        Assert.Equal(TargetError.None, CanonicalTarget.TryParse(raw, out var target));
        Assert.Equal((path, query, scheme, authority), (target.Path, target.Query, target.Scheme, target.Authority));
    }

    [Theory]
    [InlineData("", TargetError.Form)]
    [InlineData("a", TargetError.Form)]
    [InlineData("a:80", TargetError.Form)]
    [InlineData("ftp://a/", TargetError.Form)]
    [InlineData("http:///x", TargetError.Form)]
    [InlineData("http://u@a/", TargetError.Form)]
    [InlineData("**", TargetError.Form)]
    [InlineData("/p#x.css", TargetError.Fragment)]
    [InlineData("/p?x#y", TargetError.Fragment)]
    [InlineData("http://a#/b", TargetError.Fragment)]
    [InlineData("/p%zz", TargetError.Escape)]
    [InlineData("/p%4", TargetError.Escape)]
    [InlineData("/p%", TargetError.Escape)]
    [InlineData("/%%34%31", TargetError.Escape)]
    [InlineData("/p%?41", TargetError.Escape)]
    [InlineData("/p%00", TargetError.Control)]
    [InlineData("/p%0d%0a", TargetError.Control)]
    [InlineData("/p%1F", TargetError.Control)]
    [InlineData("/p%7f", TargetError.Control)]
    [InlineData("/p\u0001", TargetError.Control)]
    [InlineData("/p\u007f", TargetError.Control)]
    [InlineData("/a b", TargetError.Control)]
    [InlineData("/a?b c", TargetError.Control)]
    [InlineData("/a?b\tc", TargetError.Control)]
    [InlineData("/a?b\u007f", TargetError.Control)]
    [InlineData("/caf\u00e9", TargetError.NonAscii)]
    [InlineData("/a?caf\u00e9", TargetError.NonAscii)]
    [InlineData("/a/../\u0080", TargetError.NonAscii)]
    public void A_target_without_one_spelling_is_refused(string raw, TargetError error) =>
        Assert.Equal(error, CanonicalTarget.TryParse(raw, out _));

    [Fact]
    public void A_target_of_the_largest_length_passes_and_one_more_is_refused()
    {
        Assert.Equal(TargetError.None, CanonicalTarget.TryParse(new string('/', CanonicalTarget.MaxLength), out _));
        Assert.Equal(TargetError.TooLong, CanonicalTarget.TryParse(new string('/', CanonicalTarget.MaxLength + 1), out _));
        var long_ = "/%41" + new string('b', 3000) + "/../c"; // Longer than the rewriter's stack buffer.
        Assert.Equal(TargetError.None, CanonicalTarget.TryParse(long_, out var target));
        Assert.Equal("/c", target.Path);
    }

    [Theory]
    [InlineData("/a/b.html")]
    [InlineData("/a%2Fb")]
    [InlineData("/.well-known/x")]
    public void A_canonical_path_without_query_is_the_same_string_and_costs_nothing(string raw)
    {
        CanonicalTarget.TryParse(raw, out var target);
        Assert.Same(raw, target.Path);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            CanonicalTarget.TryParse(raw, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static readonly Gen<string> Piece = Gen.OneOf(
        "/", "/", "/", ".", "..", "%2e", "%2E", "%2f", "%2F", "%25", "%252f", "%252F", "a", "A", "%41", "%61", "b", "%7E", "~", ";", "=",
        "%c3%A9", "%E9", "%e9", "%20", "+", "?", "&", "%3f", "%3F", "%26", "\\", "%5c", "|", "%7c", "%", "#", "\u00e9", "%00");

    private static readonly Gen<string[]> Pieces = Piece.Array[0, 8];

    private static readonly Gen<string> Target = Pieces.Select(Join);

    [Fact]
    public void Different_bytes_at_the_origin_are_different_keys_and_equal_bytes_are_equal_keys()
    {
        var (equal, different) = (0, 0);
        Gen.Select(Pieces, Gen.Int[0, 7], Piece).Sample((pieces, at, other) =>
        {
            // The second target differs in one piece at most: neighbours are where two spellings of one target are found.
            var changed = pieces.Select((piece, i) => i == at ? other : piece).ToArray();
            var (a, b) = (Join(pieces), Join(changed));
            if (CanonicalTarget.TryParse(a, out var x) != TargetError.None || CanonicalTarget.TryParse(b, out var y) != TargetError.None)
                return;
            var sameKey = (x.Path, x.Query) == (y.Path, y.Query);
            Assert.Equal(OriginReads(x) == OriginReads(y), sameKey);
            Assert.Equal(Reference(a) == Reference(b), sameKey);
            if (a != b)
                Interlocked.Increment(ref sameKey ? ref equal : ref different);
        }, iter: 500_000); // About 100 000 of them are pairs of two sound, different texts.
        Assert.True(equal > 1_000 && equal + different > 100_000, $"{equal} equal, {different} different pairs");
    }

    [Fact]
    public void The_canonical_target_is_its_own_canonical_target_and_has_nothing_left_to_normalise() =>
        Target.Sample(raw =>
        {
            var error = CanonicalTarget.TryParse(raw, out var once);
            Assert.Equal(Reference(raw) is null, error != TargetError.None);
            if (error != TargetError.None)
                return;
            Assert.Equal(TargetError.None, CanonicalTarget.TryParse(once.Path + once.Query, out var twice));
            Assert.Equal((once.Path, once.Query), (twice.Path, twice.Query));
            Assert.DoesNotContain(once.Path.Split('/'), segment => segment is "." or "..");
            for (var i = once.Path.IndexOf('%'); i >= 0; i = once.Path.IndexOf('%', i + 1))
            {
                Assert.True(char.IsAsciiHexDigitUpper(once.Path[i + 1]) && char.IsAsciiHexDigitUpper(once.Path[i + 2]), once.Path);
                var value = Convert.ToByte(once.Path.Substring(i + 1, 2), 16);
                Assert.False(char.IsAsciiLetterOrDigit((char)value) || "-._~".Contains((char)value), once.Path);
            }
        }, iter: 100_000);

    private static string Join(string[] pieces) => "/" + string.Concat(pieces);

    /// <summary>What goes on the wire: checked against a raw socket in VerbatimTargetTests.</summary>
    private static string OriginReads(CanonicalTarget target) =>
        VerbatimTarget.Build("http://origin", target.Path, target.Query).PathAndQuery;

    /// <summary>The same rules written a second time, slowly: a list of segments, each resolved on its own. Null where refused.</summary>
    internal static string? Reference(string raw)
    {
        var cut = raw.Split('?', 2);
        if (raw.Any(c => c is <= ' ' or >= '\x7f' or '#'))
            return null;
        var segments = new List<string>();
        var parts = cut[0].Split('/')[1..];
        for (var i = 0; i < parts.Length; i++)
        {
            if (Resolve(parts[i]) is not { } segment)
                return null;
            var last = i == parts.Length - 1;
            if (segment == ".." && segments.Count > 0)
                segments.RemoveAt(segments.Count - 1);
            if (segment is not ("." or ".."))
                segments.Add(segment);
            else if (last)
                segments.Add("");
        }

        var query = cut.Length == 2 && cut[1].Length > 0 ? "?" + cut[1] : "";
        return "/" + string.Join('/', segments) + query;
    }

    private static string? Resolve(string segment)
    {
        var text = new StringBuilder();
        for (var i = 0; i < segment.Length; i++)
        {
            if (segment[i] != '%')
            {
                text.Append(segment[i]);
                continue;
            }

            if (i + 2 >= segment.Length || !byte.TryParse(segment.AsSpan(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var value)
                || value is < 0x20 or 0x7f)
                return null;
            text.Append(char.IsAsciiLetterOrDigit((char)value) || "-._~".Contains((char)value) ? ((char)value).ToString() : $"%{value:X2}");
            i += 2;
        }

        return text.ToString();
    }
}
