using CsCheck;
using DistCache.Proxy.Keys;
using DistCache.Storage.Keys;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Tests.Keys;

/// <summary>A8: keys are equal exactly when every part is, whatever delimiters an attacker writes into a part.</summary>
public sealed class KeyTests
{
    // Few characters, so that parts often differ only in where they end; among them what others use as delimiters.
    private static readonly Gen<string> Part = Gen.Char["ab/?|:\u0000\u001e\u001f\u00e9"].Array[0, 4].Select(characters => new string(characters));

    private static readonly Gen<(string Scheme, string Host, string Path, string Query, string Route)> Parts =
        Gen.Select(Gen.Bool.Select(tls => tls ? "https" : "http"), Part, Part, Part, Part);

    [Fact]
    public void A_key_is_the_same_exactly_when_every_part_is() => Gen.Select(Parts, Parts).Sample(
        (one, other) => Assert.Equal(one == other, KeyOf(one).SequenceEqual(KeyOf(other))), iter: 100_000);

    [Fact]
    public void Moving_a_character_from_one_part_to_the_next_changes_the_key() => Gen.Select(Part, Part, Part).Sample((a, b, c) =>
    {
        if (b.Length > 0)
            Assert.False(KeyOf(("http", a + b[0], b[1..], c, "r")).SequenceEqual(KeyOf(("http", a, b, c, "r"))));
    }, iter: 20_000);

    [Fact]
    public void A_fill_key_is_the_same_exactly_when_key_and_nominated_values_are() // absent is not empty
    {
        var values = Gen.OneOf(Gen.Const((string?)null), Part.Select(part => (string?)part)).Array[2];
        Gen.Select(Part, values, Part, values).Sample((key, one, otherKey, other) => Assert.Equal(
            key == otherKey && one.SequenceEqual(other), FillKeyOf(key, one).SequenceEqual(FillKeyOf(otherKey, other))), iter: 100_000);
    }

    private static byte[] KeyOf((string Scheme, string Host, string Path, string Query, string Route) parts)
    {
        var request = new DefaultHttpContext().Request;
        request.Scheme = parts.Scheme;
        request.Headers.Host = parts.Host; // as the gate leaves it: HostString would rewrite it
        // A path begins with a slash and a query with a question mark; what follows is free.
        request.Path = new PathString("/" + parts.Path);
        request.QueryString = new QueryString("?" + parts.Query);
        var buffer = new byte[KeyWriter.MostBytes(request, parts.Route)];
        return buffer[..KeyWriter.Write(request, parts.Route, buffer)];
    }

    private static byte[] FillKeyOf(string key, string?[] values) => FillKeys.With(
        new CacheKey(System.Text.Encoding.UTF8.GetBytes(key)), new VariantKey(["a", "b"], values)).Bytes.ToArray();
}
