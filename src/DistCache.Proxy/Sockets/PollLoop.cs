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

    private static readonly Lock Starting = new();
    private static PollLoop[] _all = [];
    private static int _turn;

    private readonly int _epoll = Libc.NewEpoll();
    private readonly int _waker = Libc.NewWaker();
    private readonly ConcurrentQueue<PolledConnection> _posted = new();
    private readonly Thread _thread;
    private bool _isAwake;

    private PollLoop(int number)
    {
        Libc.WatchWaker(_epoll, _waker, 0);
        _thread = new(Run) { IsBackground = true, Name = $"sockets {number}" };
        _thread.UnsafeStart();
    }

    /// <summary>Memory of this thread, warm in its core's cache, for bytes that leave again before it returns to its socket.</summary>
    public PollScratch Scratch { get; } = new();

    /// <summary>Whether the caller runs on its thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Before the first connection: a system that refuses what it takes says so at the start.</summary>
    /// <exception cref="IOException">It does.</exception>
    public static void StartAll()
    {
        lock (Starting)
            if (_all.Length == 0)
                Volatile.Write(ref _all, [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new PollLoop(number))]);
    }

    /// <summary>Each in its turn.</summary>
    public static PollLoop Next() => _all[(uint)Interlocked.Increment(ref _turn) % _all.Length];

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
