using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DistCache.TestKit;

/// <summary>
/// Ports for processes that must be told theirs. From below the kernel's own range (32768 and up), so that no outgoing connection
/// takes one between our look and the process's bind.
/// </summary>
public static class Ports
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port of 127.0.0.1 on which nobody listens, never given twice by this process.</summary>
    public static int Free()
    {
        for (var tries = 0; tries < 1000; tries++)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            if (Given.TryAdd(port, true) && CanBind(port))
                return port;
        }

        throw new InvalidOperationException("No free port between 20000 and 31999.");
    }

    private static bool CanBind(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
