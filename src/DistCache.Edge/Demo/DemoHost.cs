using DistCache.Edge.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Demo;

/// <summary>The demo origin on a free loopback port, an origin like any other: the edge reaches it over HTTP.</summary>
internal sealed class DemoHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DemoHost(WebApplication app, string url) => (_app, Url) = (app, url);

    public string Url { get; }

    public static async Task<DemoHost> StartAsync(TimeProvider time, ILoggerFactory loggers, string contentRoot)
    {
        var anyFreePort = new ListenAddress(IsHttps: false, "127.0.0.1", Port: 0);
        var builder = HostBuilding.Create(new ConfigurationBuilder().Build(), loggers, contentRoot);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(anyFreePort, _ => { });
        });
        var app = builder.Build();
        app.Run(new DemoOrigin(time).AnswerAsync);
        await app.StartAsync();
        return new(app, app.Bound([anyFreePort])[0].ToString());
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
