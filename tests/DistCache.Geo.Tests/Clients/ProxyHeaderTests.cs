using System.Net;
using System.Text;
using CsCheck;
using DistCache.Geo.Clients;

namespace DistCache.Geo.Tests.Clients;

public class ProxyHeaderTests
{
    private static readonly byte[] Signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.7 127.0.0.1 56324 443\r\n", "203.0.113.7:56324")]
    [InlineData("PROXY TCP6 2001:db8::7 ::1 1 65535\r\n", "[2001:db8::7]:1")]
    [InlineData("PROXY TCP6 ::ffff:203.0.113.7 ::1 1 2\r\n", "203.0.113.7:1")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", null)]
    public void Version_1_is_read(string header, string? source)
    {
        var bytes = Encoding.ASCII.GetBytes(header + "GET / HTTP/1.1\r\n");
        Assert.Equal(ProxyHeaderResult.Whole, ProxyHeader.Read(bytes, out var found, out var length));
        Assert.Equal((source, header.Length), (found?.ToString(), length));
        for (var cut = 0; cut < header.Length; cut++)
            Assert.Equal(ProxyHeaderResult.NeedsMore, ProxyHeader.Read(bytes.AsSpan(0, cut), out _, out _));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("proxy TCP4 1.1.1.1 2.2.2.2 1 2\r\n")]
    [InlineData("PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n")]
    [InlineData("PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n")]
    [InlineData("PROXY TCP4  1.1.1.1 2.2.2.2 1 2\r\n")]
    [InlineData("PROXY TCP4 1.1.1 2.2.2.2 1 2\r\n")]
    [InlineData("PROXY TCP4 ::1 ::1 1 2\r\n")]
    [InlineData("PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n")]
    [InlineData("PROXY TCP4 1.1.1.1 2.2.2.2 1 65536\r\n")]
    [InlineData("PROXY TCP4 1.1.1.1 2.2.2.2 -1 2\r\n")]
    [InlineData("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n and then a line that is longer than all lines of the format together are, without an end")]
    [InlineData("\x16\x03\x01")]
    public void What_is_no_header_is_refused(string bytes) =>
        Assert.Equal(ProxyHeaderResult.Malformed, ProxyHeader.Read(Encoding.Latin1.GetBytes(bytes), out _, out _));

    [Fact]
    public void Version_2_is_read_with_what_follows_the_addresses()
    {
        byte[] addresses = [203, 0, 113, 7, 127, 0, 0, 1, 0xdc, 0x04, 0x01, 0xbb];
        Check(Binary(0x21, 0x11, addresses), "203.0.113.7:56324");
        Check(Binary(0x21, 0x11, [.. addresses, 0x04, 0x00, 0x01, 0x00]), "203.0.113.7:56324"); // a TLV
        Check(Binary(0x21, 0x21, [.. IPAddress.Parse("2001:db8::7").GetAddressBytes(), .. IPAddress.IPv6Loopback.GetAddressBytes(), 0, 80, 1, 0xbb]), "[2001:db8::7]:80");
        Check(Binary(0x20, 0x11, addresses), null); // LOCAL
        Check(Binary(0x20, 0x00, []), null);
        Check(Binary(0x21, 0x31, new byte[216]), null); // a Unix socket
    }

    [Fact]
    public void A_broken_version_2_is_refused()
    {
        foreach (var bytes in new[] { Binary(0x11, 0x11, new byte[12]), Binary(0x22, 0x11, new byte[12]), Binary(0x21, 0x11, new byte[11]), Binary(0x21, 0x21, new byte[12]), Binary(0x21, 0x11, new byte[5000]) })
            Assert.Equal(ProxyHeaderResult.Malformed, ProxyHeader.Read(bytes, out _, out _));
    }

    [Fact]
    public void No_bytes_throw() => Gen.Byte.Array[0, 80].Sample(bytes =>
    {
        ProxyHeader.Read(bytes, out _, out _);
        ProxyHeader.Read([.. Signature, .. bytes], out _, out _);
        ProxyHeader.Read([.. "PROXY TCP4 "u8, .. bytes, 0x0d, 0x0a], out _, out _);
    }, iter: 20_000);

    private static void Check(byte[] header, string? source)
    {
        Assert.Equal(ProxyHeaderResult.Whole, ProxyHeader.Read([.. header, 0x47], out var found, out var length));
        Assert.Equal((source, header.Length), (found?.ToString(), length));
        for (var cut = 0; cut < header.Length; cut++)
            Assert.Equal(ProxyHeaderResult.NeedsMore, ProxyHeader.Read(header.AsSpan(0, cut), out _, out _));
    }

    private static byte[] Binary(byte command, byte family, byte[] rest) => [.. Signature, command, family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];
}
