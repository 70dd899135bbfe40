using System.Globalization;
using System.Net;

namespace DistCache.Edge.Hosts;

/// <summary>Where a port listens: <c>http://*:8080</c>, <c>https://[::1]:8443</c>, <c>http://localhost:8080</c>. Port 0 lets the system choose.</summary>
internal sealed record ListenAddress(bool IsHttps, string Host, int Port)
{
    public const string Remedy = "Write http:// or https://, then *, localhost or an IP address, then a port from 0 to 65535, as in http://*:8080";

    public bool IsAny => Host == "*";
    public bool IsLocalhost => Host == "localhost";

    /// <summary>The address to bind; null for <c>*</c> and <c>localhost</c>, which stand for one of each family.</summary>
    public IPAddress? Address => IPAddress.TryParse(Host.Trim('[', ']'), out var address) ? address : null;

    public bool IsLoopback => IsLocalhost || Address is { } address && IPAddress.IsLoopback(address);

    /// <summary>Both cannot be had: the same port on the same address, or on all of them.</summary>
    public bool Collides(ListenAddress other) => Port != 0 && Port == other.Port && (Host == other.Host || IsAny || other.IsAny);

    /// <summary>The URL that a person on this machine can use.</summary>
    public string LocalUrl => IsAny || Address is { } address && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        ? (this with { Host = "localhost" }).ToString()
        : ToString();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsHttps ? "https" : "http")}://{Host}:{Port}");

    /// <summary>
    /// Names other than <c>localhost</c> are refused: Kestrel would silently listen on every address for them.
    /// A port left out is the scheme's own (80, 443).
    /// </summary>
    public static ListenAddress? Parse(string text, out string what)
    {
        var isHttps = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isHttps && !text.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            return Refuse(out what, $"'{text}' is not an http or https URL");

        var authority = text.AsSpan(isHttps ? 8 : 7);
        if (authority.EndsWith("/"))
            authority = authority[..^1];
        if (authority.IndexOfAny('/', '?', '#') >= 0)
            return Refuse(out what, $"'{text}' has a path, which an address to listen on cannot have");

        var colon = authority.LastIndexOf(':');
        if (colon < authority.LastIndexOf(']'))
            colon = -1;
        var host = (colon < 0 ? authority : authority[..colon]).ToString().ToLowerInvariant();
        var port = isHttps ? 443 : 80;
        if (colon >= 0 && !(int.TryParse(authority[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535))
            return Refuse(out what, $"'{authority[(colon + 1)..]}' in '{text}' is not a port");

        // Square brackets and IPv6 go together; a bare IPv6 address would have its last group read as a port.
        var isBracketed = host is ['[', .., ']'];
        var isAddress = IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && isBracketed == (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            && (isBracketed || host.Count('.') == 3);
        if (host is "+")
            host = "*";
        if (!isAddress && host is not ("*" or "localhost"))
            return Refuse(out what, $"'{host}' in '{text}' is not an address of this machine");
        if (port == 0 && host is "localhost")
            return Refuse(out what, $"'{text}' asks for any free port on two addresses at once");

        what = "";
        return new(isHttps, host, port);
    }

    private static ListenAddress? Refuse(out string what, string reason)
    {
        what = reason;
        return null;
    }
}
