using System.Net.Security;
using System.Security.Authentication;
using DistCache.Edge.Certificates;
using DistCache.Edge.Fleet;
using DistCache.Edge.Memory;
using DistCache.Edge.Shared;
using DistCache.Proxy;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Hits;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Sockets;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Hosts;

/// <summary>The data ports: the proxy and nothing else.</summary>
internal static class DataHost
{
    public static WebApplication Build(
        IReadOnlyList<DataEndpoint> endpoints, CertificateStore certificates, NodeIdentity node, MemoryOptions memory, IConfiguration configuration, ILoggerFactory loggers,
        string contentRoot, IRequestLog? requestLog = null, SharedTierHost? shared = null, FleetHost? fleet = null)
    {
        var builder = HostBuilding.Create(configuration, loggers, contentRoot);
        builder.WebHost.UseSockets(SocketTuning.Configure);
        if (SocketTuning.IsPolled)
            builder.WebHost.UsePolledSockets();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            StrictKestrel.Configure(kestrel);
            foreach (var endpoint in endpoints)
                kestrel.Listen(endpoint.Address, listen => Configure(listen, endpoint, certificates));
        });
        fleet?.AddTo(builder.Services);
        builder.Services.AddEdgeProxy(configuration, node, memory.Capacity, new EdgeLimits(memory.MaxObjectSize));

        shared?.AddTo(builder.Services);
        if (requestLog is not null)
            builder.Services.AddSingleton(requestLog);

        var app = builder.Build();
        app.UseEdgeProxy();
        return app;
    }

    private static void Configure(Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions listen, DataEndpoint endpoint, CertificateStore certificates)
    {
        // The strict gate knows HTTP/1.1 and HTTP/2 connections only (see Http3).
        listen.Protocols = endpoint.Protocols & HttpProtocols.Http1AndHttp2;
        listen.UseProxyProtocol();
        if (endpoint.Address.IsHttps)
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = hello => ValueTask.FromResult(Choose(endpoint, certificates, hello.ClientHelloInfo.ServerName)) });

        // After TLS, so that it sees the bytes of the request.
        listen.UseStrictConnection();
        listen.UseHitsBeforeParsing();
    }

    private static SslServerAuthenticationOptions Choose(DataEndpoint endpoint, CertificateStore certificates, string serverName) => new()
    {
        // Kestrel ends the handshake and tells it at Debug: whoever scans names must not fill the log.
        ServerCertificateContext = certificates.Find(endpoint.Name, serverName)?.Context ?? throw new AuthenticationException($"{endpoint.Name} has no certificate for '{serverName}'."),
        EnabledSslProtocols = endpoint.Ssl,
    };
}
