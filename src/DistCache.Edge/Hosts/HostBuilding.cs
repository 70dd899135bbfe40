using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Hosts;

/// <summary>
/// What the program's hosts share. Each port family is a web application of its own, with its own routes and services, so that
/// no admin route can ever answer on a data port. They are built from nothing, to start fast and to hold only what they use.
/// </summary>
internal static class HostBuilding
{
    public static WebApplicationBuilder Create(IConfiguration configuration, ILoggerFactory loggers, string contentRoot)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = contentRoot, ApplicationName = "DistCache.Edge" });
        builder.Configuration.AddConfiguration(configuration);
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));

        // Signals belong to the program, which stops its hosts in order; a host's own lifetime would stop them all at once.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore();
        return builder;
    }

    public static void Listen(this KestrelServerOptions kestrel, ListenAddress address, Action<Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions> configure)
    {
        if (address.IsAny)
            kestrel.ListenAnyIP(address.Port, configure);
        else if (address.IsLocalhost)
            kestrel.ListenLocalhost(address.Port, configure);
        else
            kestrel.Listen(address.Address!, address.Port, configure);
    }

    /// <summary>The addresses that a started host really listens on: port 0 is replaced by the port that the system chose.</summary>
    public static IReadOnlyList<ListenAddress> Bound(this WebApplication app, IReadOnlyList<ListenAddress> asked)
    {
        var bound = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses
            .Select(text => ListenAddress.Parse(text, out _))
            .OfType<ListenAddress>()
            .ToList();
        return [.. asked.Select(address => address.Port != 0 ? address : Take(bound, asked, address))];
    }

    private static ListenAddress Take(List<ListenAddress> bound, IReadOnlyList<ListenAddress> asked, ListenAddress address)
    {
        var found = bound.First(b => b.IsHttps == address.IsHttps && asked.All(a => a.Port != b.Port));
        bound.Remove(found);
        return address with { Port = found.Port };
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
