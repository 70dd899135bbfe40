using System.Buffers;
using System.Net;
using DistCache.Geo.Clients;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Geo;

/// <summary>
/// Takes the PROXY protocol's header off connections of trusted proxies: from there on the connection's other end is who connected to the proxy. The
/// specification forbids guessing whether a header is there: where it is expected, a connection without one is closed; where it is not, nobody looks.
/// </summary>
public static class ProxyProtocol
{
    /// <summary>A header comes with the connection's first bytes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>To be called first on every endpoint of the data port: the header stands before TLS.</summary>
    public static ListenOptions UseProxyProtocol(this ListenOptions options)
    {
        ClientPlaces? places = null;
        options.Use(next => connection =>
        {
            places ??= options.ApplicationServices.GetRequiredService<ClientPlaces>();
            var geo = places.Options;
            return geo.ProxyProtocol && connection.RemoteEndPoint is IPEndPoint peer && geo.TrustedProxies.Contains(peer.Address) ? TakeAsync(connection, next) : next(connection);
        });
        return options;
    }

    private static async Task TakeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!await TryTakeAsync(connection))
        {
            connection.Abort(new ConnectionAbortedException("The connection of a trusted proxy does not begin with the PROXY protocol."));
            return;
        }
        await next(connection);
    }

    private static async Task<bool> TryTakeAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        late.CancelAfter(Patience);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(late.Token);
                var result = Read(read.Buffer, out var source, out var length);
                if (result is ProxyHeaderResult.Whole)
                {
                    input.AdvanceTo(read.Buffer.GetPosition(length));
                    if (source is not null)
                        connection.RemoteEndPoint = source;
                    return true;
                }
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (result is ProxyHeaderResult.Malformed || read.IsCompleted)
                    return false;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionResetException)
        {
            return false;
        }
    }

    private static ProxyHeaderResult Read(in ReadOnlySequence<byte> bytes, out IPEndPoint? source, out int length)
    {
        var begin = bytes.Slice(0, Math.Min(bytes.Length, ProxyHeader.MostBytes));
        return ProxyHeader.Read(begin.IsSingleSegment ? begin.FirstSpan : begin.ToArray(), out source, out length);
    }
}
