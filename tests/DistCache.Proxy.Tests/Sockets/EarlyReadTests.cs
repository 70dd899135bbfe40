using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using DistCache.Proxy.Sockets;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;
using DistCache.TestKit;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Proxy.Tests.Sockets;

/// <summary>
/// Answers may go from the socket to the socket, past the application, only where their place in the order of answers is theirs: nothing of the application's is on its
/// way up or down.
/// </summary>
public sealed class EarlyReadTests
{
    [Fact]
    public async Task What_comes_while_the_application_waits_is_answered_early_and_never_seen_above()
    {
        await using var pair = await PolledPair.StartAsync();
        var early = new Echo(pair.Server);
        var reading = Wait(pair, early);
        for (var i = 0; i < 100; i++)
        {
            await pair.SendAsync("early!"u8.ToArray());
            Assert.Equal("early!"u8.ToArray(), await pair.ReceiveAsync(6));
        }
        Assert.False(reading.IsCompleted);
        Assert.Equal(100, early.Reads);
    }

    [Fact]
    public async Task What_is_not_answered_goes_up_with_all_that_follows_it()
    {
        await using var pair = await PolledPair.StartAsync();
        var early = new Echo(pair.Server) { Takes = 5 };
        var reading = Wait(pair, early);
        await pair.SendAsync("earlyrest"u8.ToArray());
        Assert.Equal("early"u8.ToArray(), await pair.ReceiveAsync(5));
        Assert.Equal("rest"u8.ToArray(), await TakeAsync(pair, reading));
        await pair.SendAsync("more"u8.ToArray());
        Assert.Equal("more"u8.ToArray(), await pair.ReadAsync());
        Assert.Equal(1, early.Reads);
    }

    [Fact]
    public async Task Nothing_is_answered_early_when_something_came_before_the_application_waited()
    {
        await using var pair = await PolledPair.StartAsync();
        var early = new Echo(pair.Server);
        var batch = pair.Server.Batch;
        await pair.SendAsync("first"u8.ToArray());
        var reading = pair.Server.Transport.Input.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.Equal("first"u8.ToArray(), await TakeAsync(pair, reading)); // it was on its way up when the application began to wait, as the batch tells
        pair.Server.LetReadEarly(early, batch);
        await pair.SendAsync("second"u8.ToArray());
        Assert.Equal("second"u8.ToArray(), await pair.ReadAsync());
        Assert.Equal(0, early.Reads);
    }

    [Fact]
    public async Task Nothing_is_answered_early_while_the_application_s_bytes_are_unsent()
    {
        await using var pair = await PolledPair.StartAsync(receiveBuffer: 4096);
        var early = new Echo(pair.Server);
        var output = pair.Server.Transport.Output;
        var written = 0;
        ValueTask<FlushResult> flush;
        do
        {
            flush = output.WriteAsync(new byte[1 << 16], TestContext.Current.CancellationToken);
            written += 1 << 16;
        }
        while (flush.IsCompleted);
        var reading = Wait(pair, early);
        await pair.SendAsync("early?"u8.ToArray());
        Assert.Equal("early?"u8.ToArray(), await TakeAsync(pair, reading));
        Assert.Equal(0, early.Reads);
        Assert.Equal(new byte[written], await pair.ReceiveAsync(written));
        await flush;

        // All is sent: now it may be.
        pair.Server.EndReadEarly();
        _ = Wait(pair, early);
        await pair.SendAsync("early."u8.ToArray());
        Assert.Equal("early."u8.ToArray(), await pair.ReceiveAsync(6));
    }

    [Fact]
    public async Task The_application_waits_for_an_answer_that_is_being_given()
    {
        await using var pair = await PolledPair.StartAsync();
        var early = new Echo(pair.Server) { Gate = new(false) };
        _ = Wait(pair, early);
        await pair.SendAsync("early"u8.ToArray());
        await early.Begun.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); // the rest of this does not run inside
        var ending = Task.Run(
            () =>
            {
                begun.SetResult();
                pair.Server.EndReadEarly();
                return early.Answers;
            },
            TestContext.Current.CancellationToken);
        await begun.Task;
        for (var turn = 0; turn < 10_000 && !ending.IsCompleted; turn++)
            Thread.Yield();
        early.Gate.Set();
        Assert.Equal(1, await ending.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await pair.Server.Transport.Output.WriteAsync("then"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("earlythen"u8.ToArray(), await pair.ReceiveAsync(9));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_234_567)]
    public async Task A_body_that_the_socket_does_not_take_at_once_follows_and_the_application_s_bytes_come_behind_it(int leavesOut)
    {
        await using var pair = await PolledPair.StartAsync(receiveBuffer: 4096);
        var tier = new MemoryTier(256 << 20);
        var (resident, bytes) = Store(tier, 40_000_000);
        var early = new Echo(pair.Server) { Body = resident, Pool = tier.Pool, Takes = 4, LeavesOut = leavesOut };
        bytes = bytes[leavesOut..^leavesOut];
        var reading = Wait(pair, early);
        await pair.SendAsync("head"u8.ToArray());
        await pair.SendAsync("next"u8.ToArray());
        Assert.Equal("next"u8.ToArray(), await TakeAsync(pair, reading)); // it may not be answered before the body is sent
        Assert.Equal(1, early.Reads);
        pair.Server.EndReadEarly();
        var writing = pair.Server.Transport.Output.WriteAsync("behind"u8.ToArray(), TestContext.Current.CancellationToken);
        tier.Remove(tier.Responses.Single()); // whoever is being sent stays
        var received = await pair.ReceiveAsync(4 + bytes.Length + 6);
        await writing;
        Assert.Equal("head"u8.ToArray(), received[..4]);
        Assert.True(received.AsSpan(4, bytes.Length).SequenceEqual(bytes));
        Assert.Equal("behind"u8.ToArray(), received[^6..]);
        Assert.Equal(0, tier.ResidentBytes);
        Assert.Equal(tier.OwnBytes, tier.Pool.Used); // its memory is free
    }

    [Fact] // a reader that waits again on another thread just now would not know whether what it waits for has come
    public async Task While_something_is_handed_up_only_the_loop_knows_that_it_is_there()
    {
        await using var pair = await PolledPair.StartAsync();
        var reading = ReadAsync();
        await pair.SendAsync("x"u8.ToArray());
        var (here, elsewhere) = await reading.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(1, here);
        Assert.True(elsewhere < 0);

        async Task<(long Here, long Elsewhere)> ReadAsync()
        {
            var read = await pair.Server.Transport.Input.ReadAsync(); // goes on where it is handed up
            pair.Server.Transport.Input.AdvanceTo(read.Buffer.End);
            var other = Task.Run(() => pair.Server.Batch);
            return (pair.Server.Batch, other.GetAwaiter().GetResult());
        }
    }

    [Fact]
    public async Task Who_takes_nothing_of_an_answer_is_given_up_who_takes_little_is_not()
    {
        var time = new FakeTimeProvider();
        var tier = new MemoryTier(256 << 20);
        await using var pair = await PolledPair.StartAsync(receiveBuffer: 4096, time);
        var (resident, _) = Store(tier, 40_000_000);
        _ = Wait(pair, new Echo(pair.Server) { Body = resident, Pool = tier.Pool });
        await pair.SendAsync("head"u8.ToArray());
        await pair.ReceiveAsync(4);
        await Eventually.TrueAsync(() => !pair.Server.Answered.IsCompleted);
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromSeconds(500)); // 5, and 546 for 128 KiB
            await pair.ReceiveAsync(8_000_000); // more than the system's buffers hold, so that the next 128 KiB have gone, too
        }
        Assert.False(pair.Server.ConnectionClosed.IsCancellationRequested);
        pair.Server.EndReadEarly();
        time.Advance(TimeSpan.FromSeconds(552));
        await pair.Server.Answered.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var e = await Assert.ThrowsAsync<SocketException>(() => pair.ReceiveAsync(40_000_000));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
    }

    [Fact]
    public async Task A_body_that_nobody_takes_is_given_back_when_the_connection_ends()
    {
        var tier = new MemoryTier(256 << 20);
        await using (var pair = await PolledPair.StartAsync(receiveBuffer: 4096))
        {
            var (resident, _) = Store(tier, 40_000_000);
            _ = Wait(pair, new Echo(pair.Server) { Body = resident, Pool = tier.Pool });
            await pair.SendAsync("head"u8.ToArray());
            await pair.ReceiveAsync(4);
            tier.Remove(tier.Responses.Single());
            Assert.True(tier.Pool.Used > 40_000_000);
            pair.Server.EndReadEarly();
            pair.Server.Abort(new ConnectionAbortedException("cut"));
        }
        Assert.Equal(tier.OwnBytes, tier.Pool.Used);
    }

    private static Task<ReadResult> Wait(PolledPair pair, Echo early)
    {
        var batch = pair.Server.Batch;
        var reading = pair.Server.Transport.Input.ReadAsync();
        Assert.False(reading.IsCompleted);
        pair.Server.LetReadEarly(early, batch);
        return reading.AsTask();
    }

    private static async Task<byte[]> TakeAsync(PolledPair pair, Task<ReadResult> reading)
    {
        var read = await reading.WaitAsync(TimeSpan.FromSeconds(30));
        var bytes = read.Buffer.ToArray();
        pair.Server.Transport.Input.AdvanceTo(read.Buffer.End);
        return bytes;
    }

    private static (Resident Resident, byte[] Bytes) Store(MemoryTier tier, int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        var key = new CacheKey("k"u8.ToArray());
        Assert.True(tier.Store(new()
        {
            Key = key,
            Variant = VariantKey.None,
            Status = 200,
            Fields = new FieldList([]),
            Reuse = new ReuseFacts { InitialAge = TimeSpan.Zero, Lifetime = TimeSpan.FromHours(1) },
            Date = DateTimeOffset.UnixEpoch,
            ReceivedAt = TimeProvider.System.GetTimestamp(),
            Identity = PurgeIdentity.Of("http", "a", "/", []),
            AsOf = 0,
            Body = Body.Of(tier.Pool, bytes),
        }));
        return (tier.Acquire(key.Bytes)!, bytes);
    }

    /// <summary>Answers with what it was asked; the first time with a body, too.</summary>
    private sealed class Echo(PolledConnection connection) : IEarlyReader
    {
        private int _reads;
        private int _answers;

        public int Takes { get; init; } = int.MaxValue;

        public ManualResetEventSlim? Gate { get; init; }

        public Resident? Body { get; set; }

        public ChunkPool? Pool { get; init; }

        /// <summary>Bytes of the body that are not sent, at either end.</summary>
        public int LeavesOut { get; init; }

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Reads => Volatile.Read(ref _reads);

        public int Answers => Volatile.Read(ref _answers);

        public int Read(ReadOnlySpan<byte> received, PollScratch scratch)
        {
            Interlocked.Increment(ref _reads);
            Begun.TrySetResult();
            Gate?.Wait();
            var taken = Math.Min(received.Length, Takes);
            scratch.Write(received[..taken]);
            connection.SendEarly(scratch, Body is { } body ? new(body, LeavesOut, body.Length - LeavesOut) : default, Pool!);
            Body = null;
            Interlocked.Increment(ref _answers);
            return taken;
        }
    }
}
