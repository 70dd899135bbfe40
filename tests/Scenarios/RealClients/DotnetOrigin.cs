using System.Net;
using DistCache.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Scenarios.RealClients;

/// <summary>An ASP.NET Core site on Kestrel as an origin: files with validators and ranges, pages that compress and stream.</summary>
internal sealed class DotnetOrigin : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<string> _requests = [];

    private DotnetOrigin(byte[] file, HttpProtocols protocols)
    {
        var port = Ports.Free();
        Url = new($"http://127.0.0.1:{port}");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddResponseCompression();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = protocols));
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            lock (_requests)
                _requests.Add($"{context.Request.Protocol} {context.Request.Method} {context.Request.Path}");
            return next(context);
        });
        _app.UseResponseCompression();
        _app.MapMethods("/file", ["GET", "HEAD"], (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "max-age=600";
            return Results.File(file, "application/octet-stream", entityTag: new("\"v1\""), enableRangeProcessing: true);
        });
        _app.MapGet("/validated", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-cache";
            return Results.File(file, "application/octet-stream", entityTag: new("\"v1\""));
        });
        _app.MapGet("/text", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "max-age=600";
            return Results.Text(string.Concat(Enumerable.Repeat("compress me ", 1_000)));
        });
        _app.MapGet("/stream", async (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "max-age=600";
            for (var i = 0; i < 10; i++)
            {
                await context.Response.Body.WriteAsync(file.AsMemory(i * 1_000, 1_000));
                await context.Response.Body.FlushAsync();
            }
        });
    }

    public Uri Url { get; }

    /// <summary>Each as <c>HTTP/1.1 GET /path</c>.</summary>
    public string[] Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public static async Task<DotnetOrigin> StartAsync(byte[] file, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var origin = new DotnetOrigin(file, protocols);
        await origin._app.StartAsync();
        return origin;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
