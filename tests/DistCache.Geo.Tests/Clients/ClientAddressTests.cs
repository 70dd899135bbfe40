using System.Net;
using CsCheck;
using DistCache.Geo.Clients;

namespace DistCache.Geo.Tests.Clients;

public class ClientAddressTests
{
    private static readonly TrustedProxies Trusted = new([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8"), IPNetwork.Parse("127.0.0.1/32")]);
    private static readonly IPAddress Proxy = IPAddress.Parse("10.0.0.1");

    [Theory]
    // ---- forms of an address
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7:8080", "203.0.113.7")]
    [InlineData("203.0.113.7:0", "203.0.113.7")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    [InlineData("[2001:db8::7]", "2001:db8::7")]
    [InlineData("[2001:db8::7]:443", "2001:db8::7")]
    [InlineData("2001:0DB8:0:0:0:0:0:7", "2001:db8::7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("[::ffff:203.0.113.7]:80", "203.0.113.7")]
    [InlineData("fe80::1%eth0", "fe80::1")]
    [InlineData("\"203.0.113.7\"", "203.0.113.7")]
    [InlineData("  203.0.113.7\t", "203.0.113.7")]
    // ---- the rightmost hop that is not trusted
    [InlineData("8.8.8.8, 203.0.113.7", "203.0.113.7")]
    [InlineData("8.8.8.8,203.0.113.7,10.0.0.2", "203.0.113.7")]
    [InlineData("8.8.8.8, 203.0.113.7, 10.0.0.2, 10.9.9.9", "203.0.113.7")]
    [InlineData("garbage, 203.0.113.7", "203.0.113.7")]
    [InlineData("10.0.0.5, 203.0.113.7, fd00::1", "203.0.113.7")]
    [InlineData("10.0.0.5, 10.0.0.6", "10.0.0.5")]
    [InlineData("192.168.1.1", "192.168.1.1")]
    // ---- empty members are none
    [InlineData("", "10.0.0.1")]
    [InlineData(",", "10.0.0.1")]
    [InlineData("203.0.113.7,", "203.0.113.7")]
    [InlineData(", ,203.0.113.7,,10.0.0.2,", "203.0.113.7")]
    // ---- what no reader agrees on is no address
    [InlineData("unknown", null)]
    [InlineData("_hidden", null)]
    [InlineData("203.0.113", null)]
    [InlineData("203.0.113.007", null)]
    [InlineData("0xcb.0.113.7", null)]
    [InlineData("3405803783", null)]
    [InlineData("203.0.113.256", null)]
    [InlineData("203.0.113.7:", null)]
    [InlineData("203.0.113.7:http", null)]
    [InlineData("203.0.113.7:123456", null)]
    [InlineData("[2001:db8::7", null)]
    [InlineData("2001:db8::7]", null)]
    [InlineData("[2001:db8::7]x", null)]
    [InlineData("[203.0.113.7]", null)]
    [InlineData("2001:db8:::7", null)]
    [InlineData("203.0.113.7 10.0.0.2", null)]
    [InlineData("203.0.113.7;10.0.0.2", null)]
    [InlineData("8.8.8.8, garbage", null)]
    [InlineData("203.0.113.7, garbage, 10.0.0.2", null)]
    [InlineData("<script>", null)]
    [InlineData("localhost", null)]
    public void Of_X_Forwarded_For_behind_a_trusted_proxy(string line, string? client) => Assert.Equal(Parse(client), Of(line));

    [Theory]
    [InlineData("for=203.0.113.7", "203.0.113.7")]
    [InlineData("For=\"203.0.113.7:80\";proto=https;by=10.0.0.1", "203.0.113.7")]
    [InlineData("proto=http; for=203.0.113.7", "203.0.113.7")]
    [InlineData("for=\"[2001:db8::7]:4711\"", "2001:db8::7")]
    [InlineData("for=8.8.8.8, for=203.0.113.7;host=\"a,b\", for=10.0.0.2", "203.0.113.7")]
    [InlineData("for=unknown", null)]
    [InlineData("for=_secret", null)]
    [InlineData("by=10.0.0.1", null)]
    [InlineData("for=", null)]
    [InlineData("for", null)]
    [InlineData("for=\"203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7", null)]
    public void Of_Forwarded_behind_a_trusted_proxy(string line, string? client) =>
        Assert.Equal(Parse(client), ClientAddress.Of(Proxy, [line], ForwardedField.Forwarded, Trusted));

    [Fact]
    public void Without_a_trusted_proxy_the_peer_is_the_client_whatever_is_sent()
    {
        Assert.Equal(Parse("203.0.113.9"), ClientAddress.Of(IPAddress.Parse("203.0.113.9"), ["8.8.8.8"], ForwardedField.XForwardedFor, Trusted));
        Assert.Equal(Proxy, ClientAddress.Of(Proxy, ["8.8.8.8"], ForwardedField.XForwardedFor, TrustedProxies.None));
        Assert.Equal(Proxy, ClientAddress.Of(IPAddress.Parse("::ffff:10.0.0.1"), ["8.8.8.8"], ForwardedField.XForwardedFor, TrustedProxies.None));
    }

    [Fact]
    public void A_peer_written_as_a_mapped_address_is_trusted_as_the_IPv4_one() =>
        Assert.Equal(Parse("8.8.8.8"), ClientAddress.Of(IPAddress.Parse("::ffff:10.0.0.1"), ["8.8.8.8"], ForwardedField.XForwardedFor, Trusted));

    [Fact]
    public void Several_lines_are_one_list() =>
        Assert.Equal(Parse("203.0.113.7"), ClientAddress.Of(Proxy, ["8.8.8.8", "203.0.113.7", "10.0.0.3, 10.0.0.2"], ForwardedField.XForwardedFor, Trusted));

    [Fact]
    public void A_hundred_hops_are_walked_from_the_right()
    {
        var trusted = string.Join(", ", Enumerable.Range(1, 98).Select(i => $"10.0.0.{i}"));
        Assert.Equal(Parse("203.0.113.7"), Of($"8.8.8.8, 203.0.113.7, {trusted}"));
    }

    /// <summary>A26: 200 shapes, ports, both families, garbage, empty members, up to 100 hops; the right answer and no exception.</summary>
    [Fact]
    public void A26_two_hundred_shapes_give_the_rightmost_untrusted_hop()
    {
        var random = new Random(26);
        string[] shapes = ["{0}", "{0}:{1}", " {0} ", "\"{0}\"", "{0}:0"];
        string[] shapes6 = ["{0}", "[{0}]", "[{0}]:{1}", "\"[{0}]:{1}\"", "\t{0}"];
        for (var i = 0; i < 200; i++)
        {
            var hops = new List<string>();
            for (var invented = random.Next(0, 60); invented > 0; invented--)
                hops.Add(random.Next(4) switch { 0 => "unknown", 1 => "10.0.0.9", 2 => "", _ => $"{random.Next(256)}.{random.Next(256)}.1.1" });
            var is6 = random.Next(2) == 0;
            var client = is6 ? $"2001:db8::{random.Next(1, 0xffff):x}" : $"203.0.113.{random.Next(256)}";
            hops.Add(string.Format((is6 ? shapes6 : shapes)[random.Next(5)], client, random.Next(1, 65536)));
            for (var trusted = random.Next(0, 40); trusted > 0; trusted--)
                hops.Add(random.Next(3) switch { 0 => $"10.{random.Next(256)}.0.1", 1 => $"[fd00::{random.Next(1, 99)}]:80", _ => "" });
            var cut = random.Next(0, hops.Count + 1);
            string[] lines = cut == 0 || cut == hops.Count ? [string.Join(",", hops)] : [string.Join(", ", hops[..cut]), string.Join(", ", hops[cut..])];
            Assert.Equal(Parse(client), ClientAddress.Of(Proxy, lines, ForwardedField.XForwardedFor, Trusted));
        }
    }

    [Fact]
    public void No_text_throws() =>
        Gen.String[Gen.Char["0123456789abcdefx.:[]%,\"; =_for\t"], 0, 60].Array[0, 3].Sample(lines =>
        {
            ClientAddress.Of(Proxy, lines, ForwardedField.XForwardedFor, Trusted);
            ClientAddress.Of(Proxy, lines, ForwardedField.Forwarded, Trusted);
        }, iter: 20_000);

    private static IPAddress? Of(string line) => ClientAddress.Of(Proxy, [line], ForwardedField.XForwardedFor, Trusted);

    private static IPAddress? Parse(string? address) => address is null ? null : IPAddress.Parse(address);

    [Theory] // the client, and each proxy since; what stands left of it is nobody's word
    [InlineData("203.0.113.7", "203.0.113.7", "10.0.0.1")]
    [InlineData("8.8.8.8, 203.0.113.7, 10.0.0.2", "203.0.113.7", "10.0.0.2 10.0.0.1")]
    [InlineData("10.0.0.5, 10.0.0.6", "10.0.0.5", "10.0.0.6 10.0.0.1")]
    [InlineData("8.8.8.8, garbage, 10.0.0.2", null, "10.0.0.2 10.0.0.1")]
    [InlineData("", "10.0.0.1", "")]
    public void Hops_begin_with_the_client_and_end_with_the_peer(string line, string? client, string proxies)
    {
        var hops = ClientAddress.HopsOf(Proxy, [line], ForwardedField.XForwardedFor, Trusted);
        Assert.Equal((client, proxies, null), (hops.Client?.ToString(), string.Join(' ', hops.Proxies), hops.Scheme));
    }

    [Fact]
    public void A_peer_that_is_not_trusted_has_no_hops_before_it()
    {
        var hops = ClientAddress.HopsOf(IPAddress.Parse("203.0.113.7"), ["8.8.8.8"], ForwardedField.XForwardedFor, Trusted);
        Assert.Equal(("203.0.113.7", 0), (hops.Client?.ToString(), hops.Proxies.Count));
    }

    [Theory] // RFC 7239 §5.4: of the hop that the client was
    [InlineData("for=203.0.113.7;proto=https", "https")]
    [InlineData("for=8.8.8.8;proto=http, Proto=\"https\";for=203.0.113.7, for=10.0.0.2;proto=http", "https")]
    [InlineData("for=203.0.113.7, for=10.0.0.2;proto=https", null)]
    [InlineData("for=203.0.113.7", null)]
    public void Forwarded_says_by_which_scheme_the_client_came(string line, string? scheme) =>
        Assert.Equal(scheme, ClientAddress.HopsOf(Proxy, [line], ForwardedField.Forwarded, Trusted).Scheme);
}
