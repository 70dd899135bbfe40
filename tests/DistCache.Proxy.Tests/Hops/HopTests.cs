using System.Net;
using DistCache.Geo;
using DistCache.Geo.Places;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Hops;
using DistCache.Storage.Shared;

namespace DistCache.Proxy.Tests.Hops;

/// <summary>What one node says to another, and that nobody else can say it (rule 20, V12).</summary>
public sealed class HopTests
{
    private const string Target = "/a?b=1";
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly HopSecret Secret = new("0123456789abcdef0123456789abcdef");
    private static readonly Stamp At = new(0x1122334455667788, 42, 0xfedcba9876543210);

    private static Hop Sent => new()
    {
        Secret = Secret,
        At = Now,
        Stamp = At,
        Key = Hop.KeyOf("key"u8),
        Region = "eu-west",
        Scheme = "https",
        Host = "[::1]:8443",
        Client = IPAddress.Parse("2001:db8::7"),
        Place = new(IPAddress.Parse("2001:db8::7"), new GeoLocation { Country = "DE", Continent = "EU", IsInEuropeanUnion = true }, AddressKind.Public) { FoundBy = "here", Revision = 7 },
    };

    [Fact]
    public void What_is_sent_is_what_is_read()
    {
        var hop = Read(Sent.Write("GET", Target), out var refusal);
        Assert.Equal(HopRefusal.None, refusal);
        Assert.Equal((Now, At, "eu-west", "https", "[::1]:8443", "2001:db8::7"), (hop!.At, hop.Stamp, hop.Region, hop.Scheme, hop.Host, hop.Client!.ToString()));
        Assert.Equal(("DE", "EU", true, AddressKind.Public), (hop.Place!.Country, hop.Place.Location.Continent, hop.Place.Location.IsInEuropeanUnion, hop.Place.Kind));
        Assert.True(hop.IsOf("key"u8));
        Assert.False(hop.IsOf("kez"u8));
    }

    [Fact]
    public void What_is_not_known_is_not_told()
    {
        var hop = Read((Sent with { Client = null, Place = null }).Write("GET", Target), out _);
        Assert.Null(hop!.Client);
        Assert.Null(hop.Place);
        var nowhere = Read((Sent with { Place = new(null, default, AddressKind.Private) { FoundBy = "here", Revision = 7 } }).Write("GET", Target), out _);
        Assert.Equal((null, null, "private"), (nowhere!.Place!.Country, nowhere.Place.Location.Continent, nowhere.Place.Name));
    }

    [Theory]
    [InlineData(1, "1795348800001")] // time
    [InlineData(2, "00000000000000000000000000000000")] // nonce
    [InlineData(3, "1122334455667788.43.fedcba9876543210")] // stamp
    [InlineData(4, "00000000000000000000000000000000")] // key
    [InlineData(5, "us-east")]
    [InlineData(6, "http")]
    [InlineData(7, "other.example")]
    [InlineData(8, "2001:db8::8")] // client
    [InlineData(9, "US.NA.0.Public")] // place
    [InlineData(10, "00")] // signature
    [InlineData(10, "")]
    public void Each_part_is_covered(int part, string instead)
    {
        var parts = Sent.Write("GET", Target).Split(';');
        Assert.NotEqual(parts[part], instead);
        parts[part] = instead;
        Assert.Null(Read(string.Join(';', parts), out var refusal));
        Assert.Equal(HopRefusal.Signature, refusal);
    }

    [Theory]
    [InlineData("HEAD", Target)]
    [InlineData("GET", "/a?b=2")]
    public void Method_and_target_are_covered(string method, string target)
    {
        Assert.Equal(HopRefusal.Signature, Hop.TryRead(Sent.Write("GET", Target), method, target, Secret, Now, out var hop));
        Assert.Null(hop);
    }

    [Fact]
    public void Another_secret_signs_for_nobody() =>
        Assert.Equal(HopRefusal.Signature, Hop.TryRead(Sent.Write("GET", Target), "GET", Target, new("0123456789abcdef0123456789abcdeF"), Now, out _));

    [Theory]
    [InlineData(60, HopRefusal.None)]
    [InlineData(-60, HopRefusal.None)]
    [InlineData(61, HopRefusal.Clock)]
    [InlineData(-61, HopRefusal.Clock)]
    public void It_is_good_for_a_minute_to_either_side(int seconds, object expected)
    {
        Assert.Equal(expected, Hop.TryRead(Sent.Write("GET", Target), "GET", Target, Secret, Now.AddSeconds(seconds), out var hop));
        Assert.Equal(expected is HopRefusal.None, hop is not null);
    }

    [Fact]
    public void What_is_cut_short_or_grows_is_refused_and_nothing_throws()
    {
        var whole = Sent.Write("GET", Target);
        for (var length = 0; length < whole.Length; length++)
            Assert.Null(Read(whole[..length], out _));
        Assert.Null(Read(whole + ";", out _));
        Assert.Null(Read(whole + "0", out _));
        Assert.Null(Read("1;" + whole, out _));
    }

    [Fact]
    public void An_answer_belongs_to_one_request_and_names_one_place()
    {
        var (hop, other) = (Sent, Sent);
        var answer = HopAnswer.Write(hop, At);
        Assert.True(HopAnswer.TryRead(answer, hop, out var stamp));
        Assert.Equal(At, stamp);
        Assert.False(HopAnswer.TryRead(answer, other, out _)); // another nonce
        Assert.False(HopAnswer.TryRead(answer.Replace(".42.", ".43."), hop, out _));
        Assert.False(HopAnswer.TryRead(answer.Replace("1;", "2;"), hop, out _));
        Assert.False(HopAnswer.TryRead(answer, hop with { Secret = new("another secret of thirty-two chars") }, out _));
        Assert.False(HopAnswer.TryRead("", hop, out _));
        // The signature of a request is none of an answer.
        Assert.False(HopAnswer.TryRead($"1;{answer.Split(';')[1]};{hop.Write("GET", Target).Split(';')[^1]}", hop, out _));
    }

    private static Hop? Read(string field, out HopRefusal refusal)
    {
        refusal = Hop.TryRead(field, "GET", Target, Secret, Now, out var hop);
        return hop;
    }
}
