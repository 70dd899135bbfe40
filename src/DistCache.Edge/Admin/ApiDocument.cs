using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scalar.AspNetCore;

namespace DistCache.Edge.Admin;

/// <summary><c>/api/v1/openapi.json</c>, written by hand so that it says units, defaults and errors; <c>/api/v1/docs</c> shows it.</summary>
internal static class ApiDocument
{
    public const string Path = "/api/v1/openapi.json";

    public static byte[] Bytes()
    {
        using var stream = typeof(ApiDocument).Assembly.GetManifestResourceStream("openapi.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static void MapApiDocument(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, static context =>
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            return context.Response.Body.WriteAsync(Bytes()).AsTask();
        });
        routes.MapScalarApiReference("/api/v1/docs", options => options.WithTitle("DistCache.Edge").WithOpenApiRoutePattern(Path));
    }
}
