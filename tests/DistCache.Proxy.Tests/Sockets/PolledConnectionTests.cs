using System.Net.Sockets;
using DistCache.TestKit;
using Microsoft.AspNetCore.Connections;

namespace DistCache.Proxy.Tests.Sockets;

/// <summary>The data port's transport does for Kestrel what Kestrel's own does.</summary>
public sealed class PolledConnectionTests
{
    [Fact]
    public async Task Bytes_go_both_ways()
    {
        await using var pair = await PolledPair.StartAsync();
        await pair.SendAsync("ping"u8.ToArray());
        Assert.Equal("ping"u8.ToArray(), await pair.ReadAsync());
        await pair.Server.Transport.Output.WriteAsync("pong"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("pong"u8.ToArray(), await pair.ReceiveAsync(4));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Much_goes_both_ways_at_once_and_arrives_as_it_was(bool isGathered)
    {
        await using var pair = await PolledPair.StartAsync();
        if (isGathered)
            pair.Server.GatherSends();
        var (up, down) = (Random.Shared.GetItems<byte>([1, 2, 3, 4, 5], 20_000_000), Random.Shared.GetItems<byte>([6, 7, 8, 9], 20_000_000));
        var sending = Task.Run(async () =>
        {
            for (var at = 0; at < up.Length; at += 100_000)
                await pair.SendAsync(up[at..(at + 100_000)]);
        }, TestContext.Current.CancellationToken);
        var writing = Task.Run(async () =>
        {
            for (var at = 0; at < down.Length; at += 50_000)
                await pair.Server.Transport.Output.WriteAsync(down.AsMemory(at, 50_000), TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);
        var receiving = pair.ReceiveAsync(down.Length);
        var read = new MemoryStream();
        while (read.Length < up.Length)
            read.Write(await pair.ReadAsync());
        await sending;
        await writing;
        Assert.True(read.ToArray().AsSpan().SequenceEqual(up));
        Assert.True((await receiving).AsSpan().SequenceEqual(down));
    }

    [Fact]
    public async Task Who_sends_to_an_application_that_does_not_read_waits_and_loses_nothing()
    {
        await using var pair = await PolledPair.StartAsync();
        var all = new byte[64 << 20];
        Random.Shared.NextBytes(all);
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            while (sent < all.Length)
                sent += await pair.Client.SendAsync(all.AsMemory(sent, 1 << 16));
        }, TestContext.Current.CancellationToken);
        var (last, calm) = (-1, 0);
        await Eventually.TrueAsync(() =>
        {
            calm = Volatile.Read(ref sent) == last && !pair.Client.Poll(0, SelectMode.SelectWrite) ? calm + 1 : 0;
            last = Volatile.Read(ref sent);
            return calm == 100;
        });
        Assert.False(sending.IsCompleted);
        Assert.InRange(sent, 0, 32 << 20); // a MiB of the pipe, and what the system's two buffers hold
        var read = new MemoryStream();
        while (read.Length < all.Length)
            read.Write(await pair.ReadAsync());
        await sending;
        Assert.True(read.ToArray().AsSpan().SequenceEqual(all));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_peers_end_ends_the_input_and_says_so(bool isGathered)
    {
        await using var pair = await PolledPair.StartAsync();
        if (isGathered)
            pair.Server.GatherSends();
        await pair.SendAsync("last"u8.ToArray());
        pair.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal("last"u8.ToArray(), await pair.ReadAsync());
        var read = await pair.Server.Transport.Input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(read.IsCompleted && read.Buffer.IsEmpty);
        await IsCancelledAsync(pair.Server.ConnectionClosed);

        // The other direction is still there.
        await pair.Server.Transport.Output.WriteAsync("answer"u8.ToArray(), TestContext.Current.CancellationToken);
        await pair.Server.Transport.Output.CompleteAsync();
        Assert.Equal("answer"u8.ToArray(), await pair.ReceiveAsync(100));
    }

    [Fact]
    public async Task A_reset_by_the_peer_ends_the_input_with_an_error()
    {
        await using var pair = await PolledPair.StartAsync();
        pair.Client.Close(timeout: 0);
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await pair.Server.Transport.Input.ReadAsync(TestContext.Current.CancellationToken));
        await IsCancelledAsync(pair.Server.ConnectionClosed);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task An_aborted_connection_is_reset_a_completed_one_is_ended(bool isAborted, bool isGathered)
    {
        await using var pair = await PolledPair.StartAsync();
        if (isGathered)
            pair.Server.GatherSends();
        await pair.Server.Transport.Output.WriteAsync("part"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("part"u8.ToArray(), await pair.ReceiveAsync(4));
        if (isAborted)
        {
            pair.Server.Abort(new ConnectionAbortedException("cut"));
            var e = await Assert.ThrowsAsync<SocketException>(() => pair.ReceiveAsync(1));
            Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        }
        else
        {
            await pair.Server.Transport.Output.CompleteAsync();
            Assert.Empty(await pair.ReceiveAsync(1));
        }
        await IsCancelledAsync(pair.Server.ConnectionClosed);
    }

    [Fact]
    public async Task What_is_written_to_a_client_that_does_not_read_is_bounded_and_an_abort_frees_the_writer()
    {
        await using var pair = await PolledPair.StartAsync(receiveBuffer: 4096);
        var flush = default(ValueTask<System.IO.Pipelines.FlushResult>);
        var written = 0;
        do
        {
            flush = pair.Server.Transport.Output.WriteAsync(new byte[1 << 16], TestContext.Current.CancellationToken);
            written += 1 << 16;
        }
        while (flush.IsCompleted && written < 64 << 20);
        Assert.InRange(written, 1 << 16, 16 << 20);
        pair.Server.Abort(new ConnectionAbortedException("too slow"));
        Assert.True((await flush.AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).IsCompleted);
    }

    [Fact]
    public async Task Connections_that_come_and_go_leave_nothing_open()
    {
        var before = Descriptors();
        for (var i = 0; i < 1000; i++)
        {
            await using var pair = await PolledPair.StartAsync();
            await pair.SendAsync("x"u8.ToArray());
            switch (i % 4)
            {
                case 0: pair.Client.Close(timeout: 0); break;
                case 1: pair.Server.Abort(new ConnectionAbortedException("")); break;
                case 2: await pair.Server.Transport.Output.CompleteAsync(); break;
            }
        }
        await Eventually.TrueAsync(() => Descriptors() < before + 200, () => $"{before} before, {Descriptors()} now"); // of each kind of end there were 250; other tests of this process open and close theirs
    }

    private static int Descriptors() => Directory.GetFiles("/proc/self/fd").Length;

    private static async Task IsCancelledAsync(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
