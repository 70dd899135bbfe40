using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace DistCache.LoadTests.Hits;

/// <summary>
/// The most that Kestrel can do: no cache, no proxy, no gate, no hosting pipeline; fixed answers, their fields made once, copied into the connection's own
/// buffer, large ones by 64 KiB. Socket completions run inline, as the edge's.
/// </summary>
internal static class BareServer
{
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
        await using var services = builder.Build(); // for Kestrel's services; the host itself is never started
        var server = services.Services.GetRequiredService<IServer>();
        await server.StartAsync(new FixedAnswers(), CancellationToken.None);
        var asked = new TaskCompletionSource();
        using var stop = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            asked.TrySetResult();
        });
        await asked.Task;
        await server.StopAsync(CancellationToken.None);
    }

    private sealed class FixedAnswers : IHttpApplication<IFeatureCollection>
    {
        private const int Piece = 64 * 1024;

        private static readonly StringValues Type = "application/octet-stream";
        private static readonly StringValues CacheControl = "max-age=3600";
        private static readonly (string Start, byte[] Body)[] Known =
            [.. Case.All.Select(test => test.Size).Distinct().Select(size => (string.Create(CultureInfo.InvariantCulture, $"/obj/{size}/"), Content.Body(size)))];

        public IFeatureCollection CreateContext(IFeatureCollection features) => features;

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }

        public Task ProcessRequestAsync(IFeatureCollection context)
        {
            var body = BodyOf(context.GetRequiredFeature<IHttpRequestFeature>().Path);
            var headers = context.GetRequiredFeature<IHttpResponseFeature>().Headers;
            (headers.ContentType, headers.CacheControl, headers.ContentLength) = (Type, CacheControl, body.Length);
            var writer = context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
            if (body.Length > Piece)
                return SendAsync(body, writer);
            Write(body, writer);
            return Task.CompletedTask;
        }

        private static byte[] BodyOf(string path)
        {
            foreach (var (start, body) in Known)
                if (path.StartsWith(start, StringComparison.Ordinal))
                    return body;
            return Known[0].Body;
        }

        private static async Task SendAsync(byte[] body, PipeWriter writer)
        {
            for (var at = 0; at < body.Length; at += Piece)
            {
                Write(body.AsSpan(at, Math.Min(Piece, body.Length - at)), writer);
                await writer.FlushAsync();
            }
        }

        private static void Write(ReadOnlySpan<byte> bytes, PipeWriter writer)
        {
            bytes.CopyTo(writer.GetSpan(bytes.Length));
            writer.Advance(bytes.Length);
        }
    }
}
