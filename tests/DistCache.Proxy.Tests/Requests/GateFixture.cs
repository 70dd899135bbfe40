using System.Net;
using System.Runtime.CompilerServices;
using DistCache.Proxy.Requests;
using DistCache.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace DistCache.Proxy.Tests.Requests;

/// <summary>A real Kestrel with the strict gate in front of YARP, and an origin that logs exact bytes.</summary>
public sealed class GateFixture : IAsyncLifetime
{
    private WebApplication app = null!;

    public ScriptOrigin Origin { get; } = ScriptOrigin.Start();

    /// <summary>HTTP/1.1.</summary>
    public int Port { get; private set; }

    /// <summary>HTTP/2 with prior knowledge.</summary>
    public int Http2Port { get; private set; }

    /// <summary>Routes before those of the fixture; the origin is the cluster <c>origin</c>.</summary>
    public IReadOnlyList<RouteConfig> Routes { get; init; } =
        [new() { RouteId = "all", ClusterId = "origin", Match = new RouteMatch { Path = "/{**rest}" } }];

    /// <summary>What stands in front of the gate.</summary>
    public Action<WebApplication> Before { get; init; } = _ => { };

    /// <summary>What stands between the gate and YARP.</summary>
    public Action<WebApplication> Between { get; init; } = _ => { };

    public string DestinationSuffix { get; init; } = "";

    [ModuleInitializer]
    internal static void ConfigureProcess() => StrictKestrel.ConfigureProcess();

    public async ValueTask InitializeAsync()
    {
        Origin.Others.Answer(request => Answers.WithLength("200 OK", request.Method == "HEAD" ? [] : Latin1.Bytes("from the origin")));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            StrictKestrel.Configure(options);
            options.Listen(IPAddress.Loopback, 0, Protocol(HttpProtocols.Http1));
            options.Listen(IPAddress.Loopback, 0, Protocol(HttpProtocols.Http2));
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddReverseProxy()
            .LoadFromMemory(
                Routes,
                [
                    new()
                    {
                        ClusterId = "origin",
                        HttpClient = new HttpClientConfig { RequestHeaderEncoding = "latin1", ResponseHeaderEncoding = "latin1" },
                        Destinations = new Dictionary<string, DestinationConfig> { ["o"] = new() { Address = $"http://127.0.0.1:{Origin.Port}{DestinationSuffix}" } },
                    },
                ])
            .AddCanonicalTarget();
        app = builder.Build();
        Before(app);
        app.UseMiddleware<StrictRequest>();
        Between(app);
        app.UseRouting();
        app.MapReverseProxy();
        await app.StartAsync();
        (Port, Http2Port) = (new Uri(app.Urls.First()).Port, new Uri(app.Urls.Last()).Port);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        await Origin.DisposeAsync();
    }

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Port);

    public Task<RawHttp2Client> ConnectHttp2Async() => RawHttp2Client.ConnectAsync(Http2Port);

    private static Action<ListenOptions> Protocol(HttpProtocols protocols) => listen =>
    {
        listen.Protocols = protocols;
        listen.UseStrictConnection();
    };
}
