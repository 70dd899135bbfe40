using DistCache.Edge.Memory;
using DistCache.Proxy;
using DistCache.Proxy.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Hosts;

/// <summary>The data ports: the proxy and nothing else.</summary>
internal static class DataHost
{
    public static WebApplication Build(
        IReadOnlyList<ListenAddress> addresses, NodeIdentity node, MemoryOptions memory, IConfiguration configuration, ILoggerFactory loggers, string contentRoot)
    {
        var builder = HostBuilding.Create(configuration, loggers, contentRoot);
        var hasHttps = addresses.Any(address => address.IsHttps);
        if (hasHttps)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(SocketTuning.Configure);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            StrictKestrel.Configure(kestrel);
            if (hasHttps)
                kestrel.Configure(configuration.GetSection("Kestrel"));
            foreach (var address in addresses)
                kestrel.Listen(address, listen => Configure(listen, address));
        });
        builder.Services.AddEdgeProxy(configuration, node, memory.Capacity, new EdgeLimits(memory.MaxObjectSize));

        var app = builder.Build();
        app.UseEdgeProxy();
        return app;
    }

    private static void Configure(Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions listen, ListenAddress address)
    {
        // HTTP/3 is not offered. Without TLS there is no ALPN to choose HTTP/2 by.
        listen.Protocols = address.IsHttps ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
        if (address.IsHttps)
            listen.UseHttps();

        // After TLS, so that it sees the bytes of the request.
        listen.UseStrictConnection();
    }
}
