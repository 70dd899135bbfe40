using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Proxy.Sockets;

/// <summary>
/// Kestrel's connections over <see cref="PollLoop"/> in place of .NET's own sockets engine: a hit goes from the socket to the socket on one thread, with one system
/// call each way and no pipe between them. Linux only.
/// </summary>
internal sealed class PolledTransport(IMemoryPoolFactory<byte> memory, TimeProvider time, ILogger<PolledTransport> log) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <summary>Others are Kestrel's own transport's.</summary>
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        PollLoop.StartAll();
        return new(new PolledListener((IPEndPoint)endpoint, memory.Create(), time, log));
    }
}

/// <summary>How a host takes them.</summary>
public static class PolledTransportExtensions
{
    /// <summary>For a host that has a <see cref="TimeProvider"/>: its IP endpoints listen with them; on other systems than Linux nothing changes.</summary>
    public static IWebHostBuilder UsePolledSockets(this IWebHostBuilder builder) =>
        OperatingSystem.IsLinux() ? builder.ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory, PolledTransport>()) : builder;
}
