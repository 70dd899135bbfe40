using DistCache.Proxy.Requests;

namespace DistCache.Proxy.Tests.Requests;

public class HostFieldTests
{
    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("ExAmple.COM.", "example.com")]
    [InlineData("example.com:80", "example.com")]
    [InlineData("example.com:", "example.com")]
    [InlineData("example.com.:08080", "example.com:8080")]
    [InlineData("example.com:443", "example.com:443")]
    [InlineData("a_b-c.example", "a_b-c.example")]
    [InlineData("127.0.0.1:5000", "127.0.0.1:5000")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("[2001:DB8::1]:80", "[2001:db8::1]")]
    [InlineData("[::1]:8443", "[::1]:8443")]
    public void Host_has_this_one_spelling_on_http(string sent, string canonical)
    {
        Assert.True(HostField.TryCanonicalize(sent, "http", out var host));
        Assert.Equal(canonical, host);
        if (sent == canonical)
            Assert.Same(sent, host);
    }

    [Fact]
    public void The_default_port_is_the_schemes_own()
    {
        Assert.True(HostField.TryCanonicalize("a:443", "https", out var host));
        Assert.Equal("a", host);
        Assert.True(HostField.TryCanonicalize("a:80", "https", out host));
        Assert.Equal("a:80", host);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..")]
    [InlineData(":80")]
    [InlineData("a:0")]
    [InlineData("a:99999")]
    [InlineData("a:65536")]
    [InlineData("a:+80")]
    [InlineData("a: 80")]
    [InlineData("a:8o")]
    [InlineData("a:80:80")]
    [InlineData("u@a")]
    [InlineData("a,b")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a%2eb")]
    [InlineData("[::1")]
    [InlineData("[::1]x")]
    [InlineData("[::1%25eth0]")]
    [InlineData("[127.0.0.1]")]
    [InlineData("[]")]
    [InlineData("caf\u00e9.example")]
    public void What_is_no_host_and_port_is_refused(string sent) => Assert.False(HostField.TryCanonicalize(sent, "http", out _));
}
