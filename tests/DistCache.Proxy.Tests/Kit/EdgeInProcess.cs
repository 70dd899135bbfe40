using System.Globalization;
using System.Net;
using DistCache.Proxy.Hits;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Sockets;
using DistCache.Storage.Memory;
using DistCache.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Proxy.Tests.Kit;

/// <summary>The whole request path on a real Kestrel and real sockets in front of a scripted origin, with a clock that the test moves.</summary>
internal sealed class EdgeInProcess : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _ownsOrigin = true;

    private EdgeInProcess(WebApplication app, ScriptOrigin origin, SkewedClock time)
    {
        (_app, Origin, Time) = (app, origin, time);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        (Port, Http2Port) = (new Uri(addresses.First()).Port, new Uri(addresses.Last()).Port);
    }

    public ScriptOrigin Origin { get; }

    public SkewedClock Time { get; }

    public int Port { get; }

    /// <summary>HTTP/2 without TLS and without an upgrade.</summary>
    public int Http2Port { get; }

    public MemoryTier Memory => _app.Services.GetRequiredService<MemoryTier>();

    public IServiceProvider Services => _app.Services;

    /// <summary>The date that an origin on the same clock would send.</summary>
    public string Date => "Date: " + Time.GetUtcNow().UtcDateTime.ToString("R", CultureInfo.InvariantCulture);

    public static async Task<EdgeInProcess> StartAsync(
        string preset = "safe", long capacity = 64 << 20, long maxObjectSize = 16 << 20, IReadOnlyDictionary<string, string?>? more = null, Action<IServiceCollection>? configure = null,
        ScriptOrigin? sharedOrigin = null, SkewedClock? clock = null, string? node = null, int port = 0, bool isPolled = true, Action<KestrelServerOptions>? kestrel = null)
    {
        var origin = sharedOrigin ?? ScriptOrigin.Start();
        var time = clock ?? new SkewedClock(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ReverseProxy:Routes:all:ClusterId"] = "origin",
            ["ReverseProxy:Routes:all:Match:Path"] = "/{**rest}",
            ["ReverseProxy:Routes:all:OutputCachePolicy"] = "default",
            ["ReverseProxy:Clusters:origin:Destinations:one:Address"] = origin.Url.ToString(),
            ["DistCache:Policies:default:Preset"] = preset,
        });
        if (more is not null)
            builder.Configuration.AddInMemoryCollection(more);
        builder.Logging.ClearProviders();
        if (isPolled)
            builder.WebHost.UsePolledSockets();
        builder.WebHost.ConfigureKestrel(options =>
        {
            StrictKestrel.Configure(options);
            kestrel?.Invoke(options);
            options.Listen(IPAddress.Loopback, port, listen => listen.UseStrictConnection().UseHitsBeforeParsing());
            options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseStrictConnection();
            });
        });
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddEdgeProxy(builder.Configuration, new NodeIdentity(node), capacity, new EdgeLimits(maxObjectSize));
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseEdgeProxy();
        await app.StartAsync();
        return new(app, origin, time) { _ownsOrigin = sharedOrigin is null };
    }

    public async Task<RawAnswer> GetAsync(string target, params string[] fieldLines) => await RequestAsync("GET", target, fieldLines);

    public async Task<RawAnswer> RequestAsync(string method, string target, params string[] fieldLines)
    {
        await using var client = await ConnectAsync();
        return await client.RequestAsync(method, target, fieldLines);
    }

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Port);

    public int Fetches(string target) => Origin.Requests(target).Count;

    public async ValueTask DisposeAsync()
    {
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5)))
            await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
        if (_ownsOrigin)
            await Origin.DisposeAsync();
    }
}
