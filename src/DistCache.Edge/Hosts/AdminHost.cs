using DistCache.Edge.Admin;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Admin.Purging;
using DistCache.Edge.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Hosts;

/// <summary>The admin port. One file per group of endpoints, each mapped here.</summary>
internal static class AdminHost
{
    private static readonly PathString[] Apis = ["/api", "/client", "/service"];

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
        app.UseStatusCodePages(UnknownAsync);
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

    /// <summary>No route of the API was found: that is an error like its others, and a problem (RFC 9457).</summary>
    private static Task UnknownAsync(StatusCodeContext answered) => answered.HttpContext switch
    {
        { Request.Path: var path } when !Array.Exists(Apis, api => path.StartsWithSegments(api)) => Task.CompletedTask,
        { Response.StatusCode: StatusCodes.Status405MethodNotAllowed } context =>
            Answer.ProblemAsync(context, StatusCodes.Status405MethodNotAllowed, $"{context.Request.Method} is not for {context.Request.Path}. Use {context.Response.Headers.Allow}; {ApiDocument.Path} has them all."),
        { Response.StatusCode: StatusCodes.Status404NotFound } context =>
            Answer.ProblemAsync(context, StatusCodes.Status404NotFound, $"There is no {context.Request.Path} here. {ApiDocument.Path} has all there is."),
        _ => Task.CompletedTask,
    };
}
