using System.Security.Authentication;
using DistCache.Edge.Certificates;
using DistCache.Edge.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DistCache.Edge.Hosts;

/// <summary>
/// The data ports: <c>DistCache:Listen</c>, and <c>Kestrel:Endpoints</c> as Kestrel has them (<c>Url</c>, <c>Protocols</c>,
/// <c>SslProtocols</c>, <c>Certificate</c>, <c>Sni</c>), with <c>Kestrel:EndpointDefaults</c> and <c>Kestrel:Certificates:Default</c>. Read
/// here and not by Kestrel: the strict gate has to stand behind TLS, and a broken certificate file must not replace a good one.
/// </summary>
internal static class EndpointOptions
{
    private const string Default = "Kestrel:Certificates:Default";

    public static IReadOnlyList<DataEndpoint> Read(Settings settings)
    {
        settings.OnlyKnown("Kestrel", "Endpoints", "EndpointDefaults", "Certificates");
        settings.OnlyKnown("Kestrel:Certificates", "Default", "Development");
        settings.OnlyKnown("Kestrel:EndpointDefaults", "Protocols", "SslProtocols");

        // Looked at where it is needed only: without https it may say what it will.
        var fallback = new Lazy<CertificateSource?>(() => CertificateSource.Read(settings, Default));
        var endpoints = ListenOptions.Read(settings).Select(address => FromListen(settings, address, fallback)).ToList();
        foreach (var name in settings.NamesUnder("Kestrel:Endpoints"))
        {
            if (FromKestrel(settings, name, fallback) is not { } endpoint)
                continue;
            if (endpoints.Any(other => other.Address.Collides(endpoint.Address)))
                settings.Complain($"Kestrel:Endpoints:{name}:Url", $"port {endpoint.Address.Port} is named twice", "Give each address its own port");
            endpoints.Add(endpoint);
        }

        return endpoints;
    }

    private static DataEndpoint FromListen(Settings settings, ListenAddress address, Lazy<CertificateSource?> fallback)
    {
        // Without TLS there is no ALPN to choose HTTP/2 by.
        var endpoint = new DataEndpoint(address.ToString(), address, address.IsHttps ? Protocols(settings, "Kestrel:EndpointDefaults") : HttpProtocols.Http1, Ssl(settings, "Kestrel:EndpointDefaults"));
        if (!address.IsHttps)
            return endpoint;
        if (fallback.Value is { } certificate)
            return endpoint with { Certificates = new Dictionary<string, (string, CertificateSource)> { ["*"] = (Default, certificate) } };
        if (!settings.Has(Default))
            settings.Complain($"{Default}:Path", "is missing, and https has no certificate without it", "Name a PEM or PFX file there, and the PEM's key in KeyPath, or listen on http only");
        return endpoint;
    }

    private static DataEndpoint? FromKestrel(Settings settings, string name, Lazy<CertificateSource?> fallback)
    {
        var section = $"Kestrel:Endpoints:{name}";
        settings.OnlyKnown(section, "Url", "Protocols", "SslProtocols", "Certificate", "Sni");
        if (ListenAddress.Parse(settings[$"{section}:Url"] ?? "", out var what) is not { } address)
        {
            settings.Complain($"{section}:Url", what, ListenAddress.Remedy);
            return null;
        }

        var endpoint = new DataEndpoint(name, address, Protocols(settings, section), Ssl(settings, section));
        if (!address.IsHttps)
        {
            if (settings.Has($"{section}:Certificate") || settings.Has($"{section}:Sni"))
                settings.Complain($"{section}:Url", $"'{address}' is http, and the endpoint has certificates", "Write https://, or take Certificate and Sni away");
            return endpoint;
        }

        var own = settings.Has($"{section}:Certificate") ? ($"{section}:Certificate", Source: CertificateSource.Read(settings, $"{section}:Certificate")) : (Default, Source: fallback.Value);
        var certificates = new Dictionary<string, (string, CertificateSource)>(StringComparer.OrdinalIgnoreCase);
        var names = settings.NamesUnder($"{section}:Sni");
        foreach (var host in names)
        {
            settings.OnlyKnown($"{section}:Sni:{host}", "Certificate");
            if (!ServerNames.IsName(host))
                settings.Complain($"{section}:Sni:{host}", $"'{host}' is not a server name", "Write a host as clients name it, as in shop.example, *.shop.example for all below it, or * for whoever names another or none");
            var at = $"{section}:Sni:{host}:Certificate";
            Add(host, settings.Has(at) ? (at, CertificateSource.Read(settings, at)) : own);
        }

        // As Kestrel has it: with Sni, whoever names no listed host gets no certificate unless "*" is one of them.
        if (names.Count == 0)
            Add("*", own);
        return endpoint with { Certificates = certificates };

        void Add(string host, (string Section, CertificateSource? Source) certificate)
        {
            if (certificate.Source is { } source)
                certificates[ServerNames.Ascii(host)] = (certificate.Section, source);
            else if (!settings.Has(certificate.Section))
                settings.Complain($"{section}:Certificate", $"is missing, and {(host == "*" ? "https" : host)} has no certificate without it", $"Name one there, or in {Default}");
        }
    }

    private static HttpProtocols Protocols(Settings settings, string section)
    {
        if ((settings[$"{section}:Protocols"] ?? settings["Kestrel:EndpointDefaults:Protocols"]) is not { } text)
            return HttpProtocols.Http1AndHttp2;
        if (Enum.TryParse<HttpProtocols>(text, ignoreCase: true, out var protocols) && Enum.IsDefined(protocols) && (protocols & HttpProtocols.Http1AndHttp2) != 0)
            return protocols;
        settings.Complain($"{section}:Protocols", $"'{text}' is none of its values", "Write Http1, Http2, Http1AndHttp2 or Http1AndHttp2AndHttp3");
        return HttpProtocols.Http1AndHttp2;
    }

    private static SslProtocols Ssl(Settings settings, string section)
    {
        var key = settings.Has($"{section}:SslProtocols") ? $"{section}:SslProtocols" : "Kestrel:EndpointDefaults:SslProtocols";
        var ssl = SslProtocols.None;
        foreach (var text in settings.List(key))
        {
            if (text.ToUpperInvariant() is not ("TLS12" or "TLS13"))
                settings.Complain(key, $"'{text}' is none of its values", "Write Tls12, Tls13 or both; older ones are broken");
            else
                ssl |= Enum.Parse<SslProtocols>(text, ignoreCase: true);
        }

        return ssl;
    }
}
