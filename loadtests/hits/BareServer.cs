using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Primitives;

namespace DistCache.LoadTests.Hits;

/// <summary>
/// The most that Kestrel can do: no cache, no proxy, no gate; one fixed answer for each size, its fields made once, written into the
/// connection's own buffer. Socket completions run inline, as the edge's.
/// </summary>
internal static class BareServer
{
    private static readonly StringValues Type = "application/octet-stream";
    private static readonly StringValues CacheControl = "max-age=3600";

    public static async Task RunAsync(int port, int tlsPort, string certificate, string key)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Configuration["Kestrel:Certificates:Default:Path"] = certificate;
        builder.Configuration["Kestrel:Certificates:Default:KeyPath"] = key;
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Configure(builder.Configuration.GetSection("Kestrel"));
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, tlsPort, listen => listen.UseHttps());
        });
        await using var app = builder.Build();
        app.Run(static context =>
        {
            var path = context.Request.Path.Value!;
            var body = Content.Body(path.Length > 5 ? Content.SizeOf(path) : 1024);
            var headers = context.Response.Headers;
            headers.ContentType = Type;
            headers.CacheControl = CacheControl;
            headers.ContentLength = body.Length;
            if (body.Length > 4096)
                return context.Response.Body.WriteAsync(body, 0, body.Length);
            context.Response.BodyWriter.Write(body);
            return Task.CompletedTask;
        });
        await app.RunAsync();
    }
}
