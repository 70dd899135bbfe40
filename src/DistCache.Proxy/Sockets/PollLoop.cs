using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DistCache.Proxy.Sockets;

/// <summary>
/// A thread that waits for the sockets of its connections (epoll, edge-triggered) and serves whichever is ready: what is received goes up from here, down to the
/// application and back, without another thread. One for each core, for the whole process; they last as long as it does.
/// </summary>
/// <remarks>What blocks on such a thread stalls its other connections: nothing on the way of a hit may, and fills start on the thread pool.</remarks>
internal sealed class PollLoop
{
    private const int MostEvents = 256;

    private static readonly Lazy<PollLoop[]> Loops = new(() => [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new PollLoop(number))]);
    private static int _turn;

    private readonly int _epoll = Libc.NewEpoll();
    private readonly int _waker = Libc.NewWaker();
    private readonly ConcurrentQueue<PolledConnection> _posted = new();
    private bool _isAwake;

    private PollLoop(int number)
    {
        Libc.Watch(_epoll, _waker, 0);
        var thread = new Thread(Run) { IsBackground = true, Name = $"DistCache sockets {number}" };
        thread.UnsafeStart();
    }

    /// <summary>Each in its turn.</summary>
    public static PollLoop Next() => Loops.Value[(uint)Interlocked.Increment(ref _turn) % Loops.Value.Length];

    /// <summary>Memory of this thread, warm in its core's cache, for bytes that leave again before it returns to its socket.</summary>
    public PollScratch Scratch { get; } = new();

    /// <summary>From now on the connection hears of its socket, on this loop's thread.</summary>
    /// <param name="data">A handle of the connection.</param>
    public void Add(SafeSocketHandle socket, nint data) => Libc.Watch(_epoll, socket, data);

    /// <summary>Before the socket is closed: afterwards its number may be another's.</summary>
    public void Remove(SafeSocketHandle socket) => Libc.Unwatch(_epoll, socket);

    /// <summary>The connection has its turn soon, on this loop's thread, after those whose sockets are ready.</summary>
    public void Post(PolledConnection connection)
    {
        _posted.Enqueue(connection);
        if (!Interlocked.Exchange(ref _isAwake, true))
            Libc.Wake(_waker);
    }

    private unsafe void Run()
    {
        var events = (byte*)NativeMemory.Alloc((nuint)Libc.SizeOf(MostEvents));
        while (true)
        {
            var count = Libc.Wait(_epoll, events, MostEvents);
            for (var number = 0; number < count; number++)
                if (Libc.EventAt(events, number) is (var what, not 0 and var data))
                    ((PolledConnection)GCHandle.FromIntPtr(data).Target!).OnEvents(what);
                else
                    Libc.Woken(_waker);
            if (!Volatile.Read(ref _isAwake))
                continue;
            Volatile.Write(ref _isAwake, false);
            Interlocked.MemoryBarrier(); // whoever finds it false from now on wakes us; whoever found it true has enqueued before
            for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var connection); left--)
                connection.OnPosted();
            if (!_posted.IsEmpty && !Interlocked.Exchange(ref _isAwake, true))
                Libc.Wake(_waker);
        }
    }
}
