using System.Net.Security;
using DistCache.TestKit;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit;

namespace DistCache.Scenarios.Passes;

/// <summary>gRPC's own client and server, and an edge between them.</summary>
public sealed class GrpcPair : IAsyncLifetime
{
    private GrpcOrigin? _origin;
    private EdgeProcess? _edge;
    private GrpcChannel? _channel;

    public CallInvoker Calls => _channel!.CreateCallInvoker();

    public async ValueTask InitializeAsync()
    {
        _origin = await GrpcOrigin.StartAsync();
        _edge = await EdgeProcess.StartAsync(new EdgeStart { Configuration = _origin.EdgeConfiguration(), Tls = true });
        _channel = GrpcChannel.ForAddress($"https://127.0.0.1:{_edge.TlsPort}", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true }, // Self-signed, on loopback.
            },
            DisposeHttpClient = true,
        });
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        if (_edge is not null)
            await _edge.DisposeAsync();
        if (_origin is not null)
            await _origin.DisposeAsync();
    }
}
