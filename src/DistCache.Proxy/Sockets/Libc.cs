using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DistCache.Proxy.Sockets;

/// <summary>
/// The system calls of <see cref="PollLoop"/>, as Linux has them on x64 and arm64. Those on a socket take its safe handle: a number that was closed and given to
/// another connection is never written to.
/// </summary>
internal static unsafe partial class Libc
{
    public const uint Readable = 0x1;
    public const uint Writable = 0x4;
    public const uint Failed = 0x8 | 0x10;
    public const uint PeerEnded = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int ControlAdd = 1;
    private const int ControlDelete = 2;
    private const int NoSignal = 0x4000;
    private const int DoNotWait = 0x40;
    private const int TryAgain = 11;
    private const int Interrupted = 4;

    /// <summary>Nothing was done: it would have had to wait.</summary>
    public const int WouldWait = -1;

    /// <summary>Bytes of an event: x64 packs it, arm64 does not.</summary>
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture is Architecture.X64 ? 12 : 16;

    public static int NewEpoll() => Checked(EpollCreate(CloseOnExec), "epoll_create1");

    public static int NewWaker() => Checked(EventFd(0, CloseOnExec | NonBlocking), "eventfd");

    /// <summary>Bytes for so many events.</summary>
    public static int SizeOf(int events) => events * EventSize;

    public static (uint Events, nint Data) EventAt(byte* events, int number)
    {
        var at = events + (number * EventSize);
        return (*(uint*)at, (nint)(*(long*)(at + EventSize - 8)));
    }

    /// <summary>How many events there are; waits until there is one.</summary>
    public static int Wait(int epoll, byte* events, int most)
    {
        var count = EpollWait(epoll, events, most, -1);
        return count >= 0 || Marshal.GetLastPInvokeError() == Interrupted ? Math.Max(count, 0) : Checked(count, "epoll_wait");
    }

    /// <summary>Each <see cref="Wake"/> is an event: it need not be read, and 2^64 of them do not come.</summary>
    public static void WatchWaker(int epoll, int waker, nint data)
    {
        var entry = Entry(Readable | EdgeTriggered, data);
        Checked(EpollControl(epoll, ControlAdd, waker, entry), "epoll_ctl");
    }

    public static void Watch(int epoll, SafeSocketHandle socket, nint data)
    {
        var entry = Entry(Readable | Writable | PeerEnded | EdgeTriggered, data);
        Checked(EpollControl(epoll, ControlAdd, socket, entry), "epoll_ctl");
    }

    public static void Unwatch(int epoll, SafeSocketHandle socket)
    {
        var entry = Entry(0, 0);
        _ = EpollControl(epoll, ControlDelete, socket, entry);
    }

    public static void Wake(int waker)
    {
        var one = 1UL;
        _ = Write(waker, &one, sizeof(ulong));
    }

    /// <returns>Bytes received, 0 at the end, or <see cref="WouldWait"/>.</returns>
    /// <exception cref="SocketException">Whatever else.</exception>
    public static int Receive(SafeSocketHandle socket, void* into, int length)
    {
        while (true)
        {
            var received = Receive(socket, into, (nuint)length, DoNotWait);
            if (received >= 0)
                return (int)received;
            if (MustWait())
                return WouldWait;
        }
    }

    /// <returns>Bytes sent, or <see cref="WouldWait"/>.</returns>
    /// <exception cref="SocketException">Whatever else.</exception>
    public static long Send(SafeSocketHandle socket, Piece* pieces, int count)
    {
        var message = new Message { Pieces = pieces, Count = (nuint)count };
        while (true)
        {
            var sent = count == 1 ? Send(socket, pieces->Start, pieces->Length, NoSignal | DoNotWait) : SendMessage(socket, &message, NoSignal | DoNotWait);
            if (sent >= 0)
                return sent;
            if (MustWait())
                return WouldWait;
        }
    }

    private static bool MustWait() => Marshal.GetLastPInvokeError() switch
    {
        TryAgain => true,
        Interrupted => false,
        var error => throw Failure(error),
    };

    // The runtime's own translation of the system's numbers.
    private static SocketException Failure(int error) => error switch
    {
        32 or 104 => new((int)SocketError.ConnectionReset), // EPIPE, ECONNRESET
        110 => new((int)SocketError.TimedOut),
        _ => new((int)SocketError.ConnectionAborted, $"The system says: {Marshal.GetPInvokeErrorMessage(error)} ({error})."),
    };

    private static int Checked(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    private static byte[] Entry(uint events, nint data)
    {
        var entry = new byte[EventSize];
        MemoryMarshal.Write(entry, events);
        MemoryMarshal.Write(entry.AsSpan(EventSize - 8), (long)data);
        return entry;
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(int epoll, int operation, int descriptor, byte[] entry);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(int epoll, int operation, SafeSocketHandle socket, byte[] entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(int epoll, byte* events, int most, int timeout);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, void* from, nuint length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeSocketHandle socket, void* into, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeSocketHandle socket, void* from, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeSocketHandle socket, Message* message, int flags);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Piece
    {
        public void* Start;
        public nuint Length;
    }

    /// <summary>struct msghdr. musl counts the pieces in 32 bits and pads: the same bytes where the low ones come first.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Piece* Pieces;
        public nuint Count;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
