using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Scenarios.Passes;

/// <summary><see cref="Echo"/> on gRPC's own server, HTTP/2 without TLS.</summary>
internal sealed class GrpcOrigin : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GrpcOrigin(WebApplication app) => _app = app;

    public static async Task<GrpcOrigin> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.MapGrpcService<Echo>();
        await app.StartAsync();
        return new GrpcOrigin(app);
    }

    /// <summary>One route for everything, with a policy: a call must pass all the same.</summary>
    public string EdgeConfiguration() => JsonSerializer.Serialize(new
    {
        DistCache = new { Policies = new { all = new { Preset = "rfc9111" } } },
        ReverseProxy = new
        {
            Routes = new { all = new { ClusterId = "grpc", OutputCachePolicy = "all", Match = new { Path = "/{**rest}" } } },
            Clusters = new
            {
                grpc = new
                {
                    Destinations = new { d = new { Address = _app.Urls.Single() } },
                    HttpRequest = new { Version = "2", VersionPolicy = "RequestVersionExact" },
                },
            },
        },
    });

    public async ValueTask DisposeAsync()
    {
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5)))
            await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }
}
