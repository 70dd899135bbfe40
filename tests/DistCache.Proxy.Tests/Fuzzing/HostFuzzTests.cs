using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using DistCache.Proxy.Requests;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Fuzzing;

/// <summary>RFC 9110 §7.2: Host, and the names that Connection nominates.</summary>
public partial class HostFuzzTests
{
    [Fact]
    public void A_slow_reader_finds_the_same_host_or_refuses_too() => Fuzz.Holds(
        Fuzz.Near("a.example", "A.Example.:0080", "[::1]:8080", "[2001:DB8::1]", "a:443", "127.0.0.1", "[::ffff:1.2.3.4]", "a_b~c:65535", "a:65536", "[[::1]]"), raw =>
        {
            foreach (var scheme in (string[])["http", "https"])
            {
                var expected = Canonical(raw, scheme == "http" ? 80 : 443);
                Assert.Equal(expected, HostField.TryCanonicalize(raw, scheme, out var host) ? host : null);
                if (expected is null)
                    continue;
                Assert.True(host.Length <= raw.Length);
                Assert.True(HostField.TryCanonicalize(host, scheme, out var again));
                Assert.Same(host, again);
            }
        });

    private static string? Canonical(string raw, int defaultPort)
    {
        var match = Form().Match(raw);
        var address = match.Groups["address"].Value;
        if (!match.Success || (address.Length > 0 && !IPAddress.TryParse(address, out _)))
            return null;
        var port = match.Groups["port"].Value.TrimStart('0');
        if (match.Groups["port"].Length > 0 && (port.Length is 0 or > 5 || int.Parse(port, CultureInfo.InvariantCulture) > 65535))
            return null;
        var name = (address.Length > 0 ? $"[{address}]" : match.Groups["name"].Value).ToLowerInvariant();
        return port.Length == 0 || port == defaultPort.ToString(CultureInfo.InvariantCulture) ? name : $"{name}:{port}";
    }

    // One dot may stand behind a name; an address in brackets has colons, so that it is no name and no IPv4 address.
    [GeneratedRegex(@"\A(?:\[(?<address>[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)\]|(?<name>[A-Za-z0-9\-._~]*[A-Za-z0-9\-_~])\.?)(?::(?<port>[0-9]*))?\z")]
    private static partial Regex Form();
}
