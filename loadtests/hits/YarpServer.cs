using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace DistCache.LoadTests.Hits;

/// <summary>YARP as its documentation starts it, with nothing else: every request goes to the origin.</summary>
internal static class YarpServer
{
    public static async Task RunAsync(int port, int originPort)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "origin", Match = new() { Path = "/{**rest}" } }],
            [new ClusterConfig
            {
                ClusterId = "origin",
                Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{originPort}/") } },
            }]);
        await using var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
    }
}
