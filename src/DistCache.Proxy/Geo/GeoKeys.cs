using DistCache.Proxy.Configuration;

namespace DistCache.Proxy.Geo;

/// <summary>Every key of <c>DistCache:Geo</c> and <c>DistCache:Regions:{name}</c>: reader, documentation and schema are made of these lists.</summary>
public static class GeoKeys
{
    public static IReadOnlyList<ConfigurationKey> Geo { get; } =
    [
        new("Database", KeyKind.Text, "none", "MaxMind database of countries or cities (.mmdb); followed for changes. A country database knows no coordinates: the country's centre stands for all of it"),
        new("AsnDatabase", KeyKind.Text, "none", "MaxMind database of autonomous systems; followed too"),
        new("TrustedProxies", KeyKind.List, "none", "Networks of your own proxies (10.0.0.0/8): what they say of their client's address and scheme counts, and nobody else's word; the origin gets X-Forwarded-For with the client and each of them"),
        new("ForwardedField", KeyKind.Choice, "X-Forwarded-For", "By which field trusted proxies name their client; the rightmost hop that is not trusted is the client") { Choices = ["X-Forwarded-For", "Forwarded"] },
        new("ProxyProtocol", KeyKind.Flag, "false", "Connections from trusted proxies begin with the PROXY protocol (1 or 2), and are closed when they do not; from others it is never read"),
        new("Private", KeyKind.Text, "none", "Country that stands for private addresses (10.0.0.0/8, fc00::/7, loopback) which no database knows"),
        new("Unknown", KeyKind.Text, "none", "Country that stands for every other address which no database knows"),
        new("Groups:{group}", KeyKind.List, "EU, EEA, EFTA, Africa, Asia, Europe, NorthAmerica, ...", "Countries of a group of yours, by its name"),
        new("Headers:Country", KeyKind.List, "X-Geo-Country", "Names of the field that tells the origin the country (as CF-IPCountry, CloudFront-Viewer-Country); off: none. All such fields are removed from what clients send"),
        new("Headers:Continent", KeyKind.List, "X-Geo-Continent", "AF, AN, AS, EU, NA, OC, SA"),
        new("Headers:EuropeanUnion", KeyKind.List, "X-Geo-EU", "true or false"),
        new("Headers:Group", KeyKind.List, "X-Geo-Group", "Where the key holds groups: the member that the client fell to"),
        new("Headers:Subdivision", KeyKind.List, "X-Geo-Region", "Only on routes without a policy, as all below: no key holds it"),
        new("Headers:City", KeyKind.List, "X-Geo-City", "English name, escaped where it is not ASCII"),
        new("Headers:Latitude", KeyKind.List, "X-Geo-Latitude", "Degrees; only what a database says"),
        new("Headers:Longitude", KeyKind.List, "X-Geo-Longitude", "Degrees"),
        new("Headers:Asn", KeyKind.List, "X-Geo-ASN", "Number of the autonomous system"),
        new("Hysteresis", KeyKind.Text, "200", "Kilometres (0 to 20000) by which another region must be nearer for a client to be sent there"),
    ];

    public static IReadOnlyList<ConfigurationKey> Regions { get; } =
    [
        new("Latitude", KeyKind.Text, "none", "Degrees, -90 to 90"),
        new("Longitude", KeyKind.Text, "none", "Degrees, -180 to 180"),
        new("Countries", KeyKind.List, "none", "Countries and groups whose clients belong here, however far it is"),
        new("PublicAddress", KeyKind.Text, "none", "Scheme and host by which clients reach the region, for redirects and answers"),
        new("Shield", KeyKind.Text, "none", "The region that its misses go to instead of the origin"),
        new("Partition", KeyKind.Flag, "false", "One of its edges keeps a key for all of them, and the others ask it: n edges then hold n times the memory"),
        new("Available", KeyKind.Flag, "true", "false takes the region out of the choice"),
    ];
}
