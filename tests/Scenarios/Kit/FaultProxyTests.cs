using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Kit;

/// <summary>An echo server behind the proxy: what comes back has passed both directions.</summary>
public sealed class FaultProxyTests : IAsyncDisposable
{
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(200);
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly FaultProxy _proxy;

    public FaultProxyTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _proxy = FaultProxy.Start(((IPEndPoint)_listener.LocalEndPoint!).Port, seed: 7);
        _ = EchoAsync();
    }

    [Fact]
    public async Task Without_faults_every_byte_passes_and_the_end_is_told()
    {
        var sent = Bodies.Random(1_000_000);
        using var client = await ConnectAsync();
        var receiving = ReceiveAllAsync(client);
        await SendAllAsync(client, sent);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(sent, await receiving);
        Assert.Equal((1_000_000, 1_000_000), (_proxy.There.Bytes, _proxy.Back.Bytes));
    }

    [Fact]
    public async Task A_delay_holds_one_way_in_both_directions_never_less_and_does_not_add_up()
    {
        _proxy.Faults = LinkFaults.Delayed(25);
        using var client = await ConnectAsync();
        var trips = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await SendAllAsync(client, [1]);
            await ReceiveAsync(client, 1);
            trips.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        Assert.True(trips.Min() >= 50, $"{trips.Min()} ms");
        Assert.True(trips.Min() < 65, $"{trips.Min()} ms"); // the rest may wait for a core

        // Pieces on their way do not wait for each other.
        var all = Stopwatch.GetTimestamp();
        for (var i = 0; i < 20; i++)
            await SendAllAsync(client, [1]);
        await ReceiveAsync(client, 20);
        Assert.True(Stopwatch.GetElapsedTime(all).TotalMilliseconds < 500, "the delays added up"); // 20 times 50 ms
    }

    [Fact]
    public async Task One_direction_alone_may_be_slow()
    {
        _proxy.Back.Faults = LinkFaults.Delayed(60);
        using var client = await ConnectAsync();
        var start = Stopwatch.GetTimestamp();
        await SendAllAsync(client, [1]);
        await ReceiveAsync(client, 1);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 60, 119);
    }

    [Fact]
    public async Task Jitter_changes_the_order_of_nothing()
    {
        var sent = Bodies.Random(2_000);
        _proxy.Faults = new LinkFaults { Jitter = TimeSpan.FromMilliseconds(20) };
        using var client = await ConnectAsync();
        var receiving = ReceiveAsync(client, sent.Length);
        for (var at = 0; at < sent.Length; at += 100)
            await SendAllAsync(client, sent[at..(at + 100)]);
        Assert.Equal(sent, await receiving);
    }

    [Fact]
    public async Task A_rate_is_kept()
    {
        _proxy.There.Faults = new LinkFaults { BytesPerSecond = 200_000 };
        using var client = await ConnectAsync();
        var start = Stopwatch.GetTimestamp();
        var receiving = ReceiveAsync(client, 100_000);
        await SendAllAsync(client, Bodies.Random(100_000));
        await receiving;
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromSeconds(0.5), $"{Stopwatch.GetElapsedTime(start)}");
    }

    [Fact]
    public async Task What_is_stalled_arrives_later()
    {
        using var client = await ConnectAsync();
        _proxy.Faults = new LinkFaults { State = LinkState.Stalled };
        await SendAllAsync(client, [1, 2, 3]);
        var receiving = ReceiveAsync(client, 3);
        await Assert.ThrowsAsync<TimeoutException>(() => receiving.WaitAsync(AWhile, TestContext.Current.CancellationToken));
        _proxy.Mend();
        Assert.Equal([1, 2, 3], await receiving);
    }

    [Fact]
    public async Task Half_open_tells_nobody_and_ends_in_a_reset_when_it_opens()
    {
        using var client = await ConnectAsync();
        _proxy.There.Faults = new LinkFaults { State = LinkState.HalfOpen };
        await SendAllAsync(client, [1]);
        var receiving = ReceiveAsync(client, 1);
        await Assert.ThrowsAsync<TimeoutException>(() => receiving.WaitAsync(AWhile, TestContext.Current.CancellationToken));
        _proxy.Mend();
        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => receiving)).SocketErrorCode);
        using var next = await ConnectAsync();
        await SendAllAsync(next, [2]);
        Assert.Equal([2], await ReceiveAsync(next, 1));
    }

    [Fact]
    public async Task A_cut_resets_what_is_open_and_what_comes_until_it_is_mended()
    {
        using var client = await ConnectAsync();
        await SendAllAsync(client, [1]);
        await ReceiveAsync(client, 1);
        _proxy.Cut();
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(client, 1));
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var refused = await ConnectAsync(); // the reset may be sooner than this has returned
            await ReceiveAsync(refused, 1);
        });
        _proxy.Mend();
        using var next = await ConnectAsync();
        await SendAllAsync(next, [2]);
        Assert.Equal([2], await ReceiveAsync(next, 1));
    }

    [Fact]
    public async Task A_cut_ends_what_is_stalled_and_half_open_too()
    {
        foreach (var state in (LinkState[])[LinkState.Stalled, LinkState.HalfOpen])
        {
            _proxy.Mend();
            using var client = await ConnectAsync();
            await SendAllAsync(client, [0]);
            await ReceiveAsync(client, 1); // accepted by now
            _proxy.Faults = new LinkFaults { State = state };
            await SendAllAsync(client, [1]);
            var receiving = ReceiveAsync(client, 1);
            _proxy.ResetAll();
            await Assert.ThrowsAsync<SocketException>(() => receiving);
        }
    }

    [Fact]
    public async Task Bits_turn_at_the_rate_that_was_asked_for_and_at_the_same_places_for_the_same_seed()
    {
        var sent = Bodies.Random(1_000_000);
        _proxy.There.Faults = new LinkFaults { FlipOneBitIn = 10_000 };
        var first = await EchoedAsync(_proxy, sent);
        Assert.InRange(Differences(sent, first), 50, 200); // 100 on average

        await using var again = FaultProxy.Start(((IPEndPoint)_listener.LocalEndPoint!).Port, seed: 7);
        again.There.Faults = new LinkFaults { FlipOneBitIn = 10_000 };
        Assert.Equal(first, await EchoedAsync(again, sent));
    }

    [Fact]
    public async Task What_is_dropped_leaves_a_hole()
    {
        using var client = await ConnectAsync();
        _proxy.There.Faults = new LinkFaults { Drop = 1 };
        await SendAllAsync(client, [1]);
        await Eventually.TrueAsync(() => Task.FromResult(_proxy.There.Dropped == 1));
        _proxy.There.Faults = new LinkFaults { Drop = 0.5 };
        for (byte i = 0; i < 100; i++)
        {
            await SendAllAsync(client, [i]);
            await Task.Delay(1, TestContext.Current.CancellationToken); // pieces of their own
        }

        client.Shutdown(SocketShutdown.Send);
        var received = await ReceiveAllAsync(client);
        Assert.InRange(received.Length, 10, 90);
        Assert.Equal(101 - received.Length, _proxy.There.Dropped);
        Assert.Equal(received.Order(), received);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _listener.Dispose();
    }

    private static int Differences(byte[] one, byte[] other) => one.Zip(other).Count(pair => pair.First != pair.Second);

    private static async Task<byte[]> EchoedAsync(FaultProxy proxy, byte[] sent)
    {
        using var client = await ConnectAsync(proxy);
        var receiving = ReceiveAsync(client, sent.Length);
        await SendAllAsync(client, sent);
        return await receiving;
    }

    private Task<Socket> ConnectAsync() => ConnectAsync(_proxy);

    private static async Task<Socket> ConnectAsync(FaultProxy proxy)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, proxy.Port);
        return socket;
    }

    private static async Task SendAllAsync(Socket socket, byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
            sent += await socket.SendAsync(bytes.AsMemory(sent));
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var at = 0; at < count;)
            at += await socket.ReceiveAsync(bytes.AsMemory(at), patience.Token) is var read and > 0 ? read : throw new EndOfStreamException();
        return bytes;
    }

    private static async Task<byte[]> ReceiveAllAsync(Socket socket)
    {
        var all = new List<byte>();
        var buffer = new byte[16 * 1024];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await socket.ReceiveAsync(buffer, patience.Token) is var read and > 0)
            all.AddRange(buffer[..read]);
        return [.. all];
    }

    private async Task EchoAsync()
    {
        try
        {
            while (true)
                _ = EchoAsync(await _listener.AcceptAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            await stream.CopyToAsync(stream);
        }
        catch (IOException)
        {
            // Reset by the proxy.
        }
    }
}
