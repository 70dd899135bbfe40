using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.LoadTests.Soak;

/// <summary><c>/NUMBER</c> fresh for a minute, with a validator that follows its version; <c>/pass/NUMBER</c> the same, not to be stored.</summary>
internal static class Origin
{
    public static async Task<(WebApplication App, int Port)> StartAsync(Content content)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async context =>
        {
            var path = context.Request.Path.Value!;
            var number = int.Parse(path[(path.LastIndexOf('/') + 1)..], CultureInfo.InvariantCulture);
            var version = content.VersionOf(number);
            var tag = $"\"{number}-{version}\"";
            var response = context.Response;
            response.Headers.CacheControl = path.StartsWith("/pass/", StringComparison.Ordinal) ? "no-store" : "max-age=60";
            response.Headers.ETag = tag;
            if (context.Request.Headers.IfNoneMatch == tag)
            {
                response.StatusCode = 304;
                return;
            }
            response.ContentType = "application/octet-stream";
            response.ContentLength = Content.LengthOf(number);
            await response.Body.WriteAsync(Content.Body(number, version));
        });
        await app.StartAsync();
        return (app, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port);
    }
}
