using DistCache.Edge.Hosts;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Hosts;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("http://*:8080", "http://*:8080", "http://localhost:8080", false)]
    [InlineData("http://+:8080", "http://*:8080", "http://localhost:8080", false)]
    [InlineData("HTTP://LocalHost:80/", "http://localhost:80", "http://localhost:80", true)]
    [InlineData("http://127.0.0.1:0", "http://127.0.0.1:0", "http://127.0.0.1:0", true)]
    [InlineData("http://0.0.0.0:81", "http://0.0.0.0:81", "http://localhost:81", false)]
    [InlineData("http://10.1.2.3:65535", "http://10.1.2.3:65535", "http://10.1.2.3:65535", false)]
    [InlineData("https://[::1]:8443", "https://[::1]:8443", "https://[::1]:8443", true)]
    [InlineData("https://[::]:8443", "https://[::]:8443", "https://localhost:8443", false)]
    [InlineData("http://*", "http://*:80", "http://localhost:80", false)]
    [InlineData("https://[::1]", "https://[::1]:443", "https://[::1]:443", true)]
    public void An_address_is_a_scheme_a_host_and_a_port(string text, string written, string local, bool isLoopback)
    {
        var address = ListenAddress.Parse(text, out var what);
        Assert.NotNull(address);
        Assert.Equal("", what);
        Assert.Equal((written, local, isLoopback), (address.ToString(), address.LocalUrl, address.IsLoopback));
    }

    [Theory]
    [InlineData("8080", "'8080' is not an http or https URL")]
    [InlineData("", "'' is not an http or https URL")]
    [InlineData("*:8080", "'*:8080' is not an http or https URL")]
    [InlineData("ftp://*:8080", "'ftp://*:8080' is not an http or https URL")]
    [InlineData("http://*:65536", "'65536' in 'http://*:65536' is not a port")]
    [InlineData("http://*:-1", "'-1' in 'http://*:-1' is not a port")]
    [InlineData("http://*:", "'' in 'http://*:' is not a port")]
    [InlineData("http://*:80a", "'80a' in 'http://*:80a' is not a port")]
    [InlineData("http://:80", "'' in 'http://:80' is not an address of this machine")]
    [InlineData("http://example.org:80", "'example.org' in 'http://example.org:80' is not an address of this machine")]
    [InlineData("http://1:80", "'1' in 'http://1:80' is not an address of this machine")]
    [InlineData("http://999.1.1.1:80", "'999.1.1.1' in 'http://999.1.1.1:80' is not an address of this machine")]
    [InlineData("http://::1:80", "'::1' in 'http://::1:80' is not an address of this machine")]
    [InlineData("http://[127.0.0.1]:80", "'[127.0.0.1]' in 'http://[127.0.0.1]:80' is not an address of this machine")]
    [InlineData("http://*:80/path", "'http://*:80/path' has a path, which an address to listen on cannot have")]
    [InlineData("http://localhost:0", "'http://localhost:0' asks for any free port on two addresses at once")]
    public void Anything_else_is_refused_with_its_reason(string text, string reason)
    {
        Assert.Null(ListenAddress.Parse(text, out var what));
        Assert.Equal(reason, what);
    }

    [Theory]
    [InlineData("http://*:8080;http://127.0.0.1:8080", "DistCache:Listen: port 8080 is named twice. Give each address its own port.")]
    [InlineData("http://127.0.0.1:8080;https://127.0.0.1:8080", "DistCache:Listen: port 8080 is named twice. Give each address its own port.")]
    [InlineData("http://127.0.0.1:1;http://x:1", "DistCache:Listen: 'x' in 'http://x:1' is not an address of this machine. Write http:// or https://, then *, localhost or an IP address, then a port from 0 to 65535, as in http://*:8080.")]
    public void Data_ports_that_cannot_be_had_together_are_told(string listen, string line)
    {
        using var folder = new TemporaryFolder();
        var configuration = Reading.Of(folder, (ListenOptions.Key, listen));
        ListenOptions.Read(configuration.Settings);
        Assert.Equal(line, Assert.Single(configuration.Complaints).ToString());
    }

    [Fact]
    public void One_port_on_two_addresses_is_fine_and_nothing_said_means_8080_everywhere()
    {
        using var folder = new TemporaryFolder();
        var two = Reading.Of(folder, (ListenOptions.Key, "http://127.0.0.1:8080;http://[::1]:8080"));
        Assert.Equal(2, ListenOptions.Read(two.Settings).Count);
        Assert.Empty(two.Complaints);

        var none = Reading.Of(folder);
        Assert.Equal("http://*:8080", Assert.Single(ListenOptions.Read(none.Settings)).ToString());
    }
}
