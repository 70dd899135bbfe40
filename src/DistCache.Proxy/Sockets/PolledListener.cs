using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace DistCache.Proxy.Sockets;

/// <summary>A port that is listened on; each connection goes to one of the <see cref="PollLoop"/>s, by turns.</summary>
internal sealed class PolledListener : IConnectionListener
{
    /// <summary>As Kestrel's transport has it by default.</summary>
    private const int Backlog = 512;

    private static readonly TimeSpan WhenNoneAreLeft = TimeSpan.FromMilliseconds(50);

    private readonly MemoryPool<byte> _memory;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Socket _socket;

    /// <exception cref="AddressInUseException">Another program has the port.</exception>
    /// <exception cref="SocketException">It cannot be had for another reason.</exception>
    public PolledListener(IPEndPoint endpoint, MemoryPool<byte> memory, TimeProvider time, ILogger log)
    {
        (_memory, _time, _log) = (memory, time, log);
        _socket = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
                _socket.DualMode = true; // Kestrel's "any": both families
            _socket.Bind(endpoint);
            _socket.Listen(Backlog);
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw e.SocketErrorCode is SocketError.AddressAlreadyInUse ? new AddressInUseException(e.Message, e) : e;
        }
        EndPoint = _socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var accepted = await _socket.AcceptAsync(cancellationToken);
                if (TryBegin(accepted) is { } connection)
                    return connection;
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null; // unbound
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                await Task.Delay(WhenNoneAreLeft, cancellationToken); // else it would be asked for again and again until somebody closes one
            }
            catch (SocketException)
            {
                // It was reset while it waited; the next one then.
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _memory.Dispose();
        return ValueTask.CompletedTask;
    }

    private PolledConnection? TryBegin(Socket accepted)
    {
        try
        {
            accepted.NoDelay = true;
            var connection = new PolledConnection(accepted, _memory, PollLoop.Next(), _time, _log);
            connection.Start();
            return connection;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            Log.ConnectionNotBegun(_log, e.Message);
            accepted.Dispose();
            return null;
        }
    }
}
