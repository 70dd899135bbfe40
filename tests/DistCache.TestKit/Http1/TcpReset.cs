using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DistCache.TestKit;

/// <summary>
/// RST, now. Closing with SO_LINGER 0 is not enough: while a read is pending the runtime shuts the socket down first, and the peer sees
/// an orderly end. connect(2) to AF_UNSPEC dissolves the association, and Linux sends RST for it.
/// </summary>
internal static partial class TcpReset
{
    public static void Send(Socket socket)
    {
        try
        {
            _ = Connect(socket.SafeHandle, new byte[16], 16);
        }
        catch (ObjectDisposedException)
        {
            // Gone already.
        }

        socket.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "connect")]
    private static partial int Connect(SafeSocketHandle socket, byte[] address, uint length);
}
