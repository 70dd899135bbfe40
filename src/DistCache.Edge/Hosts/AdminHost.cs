using DistCache.Edge.Admin;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Admin.Purging;
using DistCache.Edge.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Hosts;

/// <summary>The admin port. One file per group of endpoints, each mapped here.</summary>
internal static class AdminHost
{
    public static WebApplication Build(AdminOptions options, NodeState state, IConfiguration configuration, ILoggerFactory loggers, string contentRoot)
    {
        var builder = HostBuilding.Create(configuration, loggers, contentRoot);
        builder.Services.AddSingleton(state);
        builder.Services.AddSingleton(_ => new AccessGate(options.Keys, options.Rate));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Listen, _ => { });
        });

        var app = builder.Build();
        app.MapHealth();
        var gate = app.Services.GetRequiredService<AccessGate>();
        app.MapExplain(gate);
        app.MapGeo(state, gate);
        app.MapNodes(state, gate);
        new ForgetEndpoint(state, gate, loggers).Map(app);
        new PurgeEndpoints(state, gate).Map(app);
        new CloudflarePurges(state, gate).Map(app);
        new FastlyPurges(state, gate).Map(app);
        app.MapApiDocument();
        return app;
    }
}
