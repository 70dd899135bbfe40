using System.IO.Pipelines;
using DistCache.Proxy.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Hits;

/// <summary>The transport of an HTTP/1.1 connection with a <see cref="HitReader"/> in front of Kestrel's parser. HTTP/2 connections go without, and gather what they send.</summary>
public static class HitConnection
{
    private static readonly byte[] Http2 = "h2"u8.ToArray();

    /// <summary>To be called last on every endpoint of the data port that speaks HTTP/1.1: after TLS, so that it sees the bytes of the request.</summary>
    public static ListenOptions UseHitsBeforeParsing(this ListenOptions options)
    {
        HitServer? server = null;
        options.Use(next => connection =>
        {
            if (connection.Features.Get<ITlsApplicationProtocolFeature>() is not { } chosen || !chosen.ApplicationProtocol.Span.SequenceEqual(Http2))
            {
                server ??= options.ApplicationServices.GetRequiredService<HitServer>();
                var polled = connection.Features.Get<PolledConnection>() is { } socket && ReferenceEquals(connection.Transport, socket) ? socket : null;
                var reader = new HitReader(connection, connection.Transport, server, polled);
                connection.Features.Set(reader);
                connection.Transport = new Pipes(reader, connection.Transport.Output);
            }
            else
            {
                connection.Features.Get<PolledConnection>()?.GatherSends();
            }
            return next(connection);
        });
        return options;
    }

    private sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
