using System.Security.Authentication;
using DistCache.Edge.Configuration;
using DistCache.Edge.Hosts;
using DistCache.Edge.Tests.Kit;
using HttpProtocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols;

namespace DistCache.Edge.Tests.Hosts;

public sealed class EndpointOptionsTests
{
    [Fact]
    public void Endpoints_of_Kestrels_section_are_data_ports_beside_those_of_Listen_and_replace_the_default_one()
    {
        Assert.Equal(["http://127.0.0.1:5000"], Read(out _, ("Kestrel:Endpoints:Plain:Url", "http://127.0.0.1:5000")).Select(endpoint => endpoint.Address.ToString()));
        Assert.Equal(["http://*:8080", "http://127.0.0.1:5000"],
            Read(out _, (ListenOptions.Key, "http://*:8080"), ("Kestrel:Endpoints:Plain:Url", "http://127.0.0.1:5000")).Select(endpoint => endpoint.Address.ToString()));
    }

    [Fact]
    public void Protocols_and_TLS_versions_are_the_endpoints_or_the_defaults()
    {
        var endpoints = Read(out var complaints,
            ("Kestrel:EndpointDefaults:Protocols", "Http1"), ("Kestrel:EndpointDefaults:SslProtocols:0", "Tls13"), ("Kestrel:Certificates:Default:Path", "a.pfx"),
            ("Kestrel:Endpoints:A:Url", "https://*:1"), ("Kestrel:Endpoints:B:Url", "https://*:2"), ("Kestrel:Endpoints:B:Protocols", "Http1AndHttp2AndHttp3"),
            ("Kestrel:Endpoints:B:SslProtocols:0", "Tls12"), ("Kestrel:Endpoints:B:SslProtocols:1", "Tls13"));
        Assert.Empty(complaints);
        Assert.Equal([(HttpProtocols.Http1, SslProtocols.Tls13), (HttpProtocols.Http1AndHttp2AndHttp3, SslProtocols.Tls12 | SslProtocols.Tls13)],
            endpoints.Select(endpoint => (endpoint.Protocols, endpoint.Ssl)));
        Assert.NotNull(Http3.Note(endpoints));
        Assert.Null(Http3.Note(endpoints.Take(1)));
    }

    [Fact]
    public void Without_Sni_an_endpoint_shows_its_own_certificate_or_the_default_one_and_with_it_only_to_the_hosts_it_names()
    {
        var endpoints = Read(out var complaints,
            ("Kestrel:Certificates:Default:Path", "default.pfx"), ("Kestrel:Endpoints:A:Url", "https://*:1"),
            ("Kestrel:Endpoints:B:Url", "https://*:2"), ("Kestrel:Endpoints:B:Certificate:Path", "b.pfx"),
            ("Kestrel:Endpoints:C:Url", "https://*:3"), ("Kestrel:Endpoints:C:Sni:x.example:Certificate:Path", "x.pfx"), ("Kestrel:Endpoints:C:Sni:y.example", ""));
        Assert.Empty(complaints);
        Assert.Equal(["* default.pfx", "* b.pfx", "x.example x.pfx, y.example default.pfx"],
            endpoints.Select(endpoint => string.Join(", ", endpoint.Certificates.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value.Source}"))));
    }

    [Theory]
    [InlineData("Kestrel:Endpoints:A:Uri", "https://*:1", "Kestrel:Endpoints:A:Uri: there is no such setting. Kestrel:Endpoints:A has Url, Protocols, SslProtocols, Certificate, Sni.")]
    [InlineData("Kestrel:Endpoints:A:Url", "ftp://*:1", "Kestrel:Endpoints:A:Url: 'ftp://*:1' is not an http or https URL.")]
    [InlineData("Kestrel:Endpoints:A:Url", "http://*:8080", "Kestrel:Endpoints:A:Url: port 8080 is named twice.")]
    [InlineData("Kestrel:Endpoints:A:Protocols", "Http3", "Kestrel:Endpoints:A:Protocols: 'Http3' is none of its values. Write Http1, Http2, Http1AndHttp2 or Http1AndHttp2AndHttp3.")]
    [InlineData("Kestrel:Endpoints:A:SslProtocols", "Ssl3", "Kestrel:Endpoints:A:SslProtocols: 'Ssl3' is none of its values. Write Tls12, Tls13 or both; older ones are broken.")]
    [InlineData("Kestrel:Endpoints:A:Certificate:Path", "a.pfx", "Kestrel:Endpoints:A:Url: 'http://127.0.0.1:1' is http, and the endpoint has certificates.")]
    [InlineData("Kestrel:Limits:MaxConcurrentConnections", "1", "Kestrel:Limits: there is no such setting. Kestrel has Endpoints, EndpointDefaults, Certificates.")]
    [InlineData("Kestrel:Endpoints:A:Url", "https://*:1", "Kestrel:Endpoints:A:Certificate: is missing, and https has no certificate without it. Name one there, or in Kestrel:Certificates:Default.")]
    public void What_cannot_be_is_told_by_its_key(string key, string value, string line)
    {
        Dictionary<string, string?> values = new() { [ListenOptions.Key] = "http://*:8080", ["Kestrel:Endpoints:A:Url"] = "http://127.0.0.1:1", [key] = value };
        _ = Read(out var complaints, [.. values.Select(pair => (pair.Key, pair.Value))]);
        Assert.Contains(complaints, complaint => complaint.StartsWith(line, StringComparison.Ordinal));
    }

    /// <summary>RFC 6066 §3: a DNS name without a dot at its end, and no address; the wildcards are Kestrel's.</summary>
    [Theory]
    [InlineData("shop.example", true)]
    [InlineData("localhost", true)]
    [InlineData("under_score.example", true)]
    [InlineData("xn--mnchen-3ya.example", true)]
    [InlineData("münchen.example", true)]
    [InlineData("*", true)]
    [InlineData("*.shop.example", true)]
    [InlineData("*shop.example", false)]
    [InlineData("www.*.org", false)]
    [InlineData("*.*.org", false)]
    [InlineData("*.", false)]
    [InlineData("shop.example.", false)]
    [InlineData("shop .example", false)]
    [InlineData("https//shop.example", false)]
    [InlineData("192.0.2.1", false)]
    public async Task What_no_client_can_name_is_no_server_name(string name, bool isName)
    {
        (string, string?)[] values = [("Kestrel:Endpoints:A:Url", "https://*:1"), ($"Kestrel:Endpoints:A:Sni:{name}:Certificate:Path", "a.pfx")];
        _ = Read(out var complaints, values);
        string[] expected = isName ? [] : [$"Kestrel:Endpoints:A:Sni:{name}: '{name}' is not a server name. Write a host as clients name it, as in shop.example, *.shop.example for all below it, or * for whoever names another or none."];
        Assert.Equal(expected, complaints);

        // As `config check` looks through it.
        using var folder = new TemporaryFolder();
        var file = folder.Write("site.json", $$"""{ "Kestrel": { "Endpoints": { "A": { "Url": "https://*:1", "Sni": { "{{name}}": { "Certificate": { "Path": "a.pfx" } } } } } } }""");
        var check = await ConfigurationCheck.RunAsync(new() { Config = [file] }, folder.Path);
        Assert.Equal(expected.Select(line => $"site.json: {line}"), check.Errors.Where(line => line.Contains("server name", StringComparison.Ordinal)));
    }

    private static IReadOnlyList<DataEndpoint> Read(out string[] complaints, params (string, string?)[] values)
    {
        using var folder = new TemporaryFolder();
        var configuration = Reading.Of(folder, values);
        var endpoints = EndpointOptions.Read(configuration.Settings);
        complaints = [.. configuration.Complaints.Select(complaint => complaint.ToString())];
        return endpoints;
    }
}
