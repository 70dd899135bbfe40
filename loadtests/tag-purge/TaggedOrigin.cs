using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace DistCache.LoadTests.TagPurge;

/// <summary>An origin whose <c>/t/N</c> carry a tag, and whose <c>/hot</c> carries none; fresh for an hour.</summary>
internal static class TaggedOrigin
{
    public const string Tag = "million";

    private static readonly byte[] Body = "a page of few bytes"u8.ToArray();

    public static async Task<WebApplication> StartAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        app.Run(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=3600";
            if (context.Request.Path.StartsWithSegments("/t"))
                context.Response.Headers["Surrogate-Key"] = Tag;
            context.Response.ContentLength = Body.Length;
            await context.Response.Body.WriteAsync(Body);
        });
        await app.StartAsync();
        return app;
    }
}
