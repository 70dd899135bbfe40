using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace DistCache.Proxy.Requests;

/// <summary>The transport of an HTTP/2 connection with its frames counted: one that floods is closed. HTTP/1 connections go without it.</summary>
internal sealed class FrameGuard : IDuplexPipe
{
    private static readonly ReadOnlyMemory<byte> Http2 = "h2"u8.ToArray();

    private FrameGuard(ConnectionContext connection)
    {
        var allowance = new FrameAllowance(TimeProvider.System);
        Input = new GuardedReader(connection, connection.Transport.Input, allowance);
        Output = new CountingWriter(connection.Transport.Output, allowance);
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public static void Begin(ConnectionContext connection)
    {
        if (connection.Features.Get<ITlsApplicationProtocolFeature>() is { } chosen && chosen.ApplicationProtocol.Span.SequenceEqual(Http2.Span))
            connection.Transport = new FrameGuard(connection);
    }
}
