using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace DistCache.LoadTests.Hits;

/// <summary>
/// The origin: <c>/obj/{size}/{number}</c> and <c>/fill/…</c> fresh for an hour; <c>/pass/…</c> not to be stored; <c>/slow/{number}</c> neither, after 300 ms.
/// </summary>
internal static class OriginServer
{
    public static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(300);

    public static async Task RunAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        await using var app = builder.Build();
        app.Run(async context =>
        {
            var path = context.Request.Path.Value!;
            var isSlow = path.StartsWith("/slow/", StringComparison.Ordinal);
            if (isSlow)
                await Task.Delay(Slow, context.RequestAborted);
            var body = Content.Body(isSlow ? 1024 : path.Length > 5 ? Content.SizeOf(path) : 1024);
            context.Response.ContentType = "application/octet-stream";
            context.Response.Headers.CacheControl = isSlow || path.StartsWith("/pass/", StringComparison.Ordinal) ? "no-store" : "max-age=3600";
            context.Response.Headers.LastModified = "Sun, 22 Nov 2026 12:00:00 GMT";
            context.Response.Headers.ETag = Content.Tag;
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body);
        });
        await app.RunAsync();
    }
}
