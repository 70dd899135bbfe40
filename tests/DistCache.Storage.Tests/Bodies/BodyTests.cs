using System.Buffers;
using CsCheck;
using DistCache.Storage.Bodies;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Storage.Tests.Bodies;

public sealed class BodyTests
{
    private readonly ChunkPool _pool = new(1L << 30);

    [Fact]
    public void A_body_gives_back_every_byte_that_was_appended_whatever_the_pieces()
    {
        var gen = Gen.Select(Gen.Int[0, 300_000], Gen.Int[1, 70_000], Gen.Bool, Gen.Int);
        gen.Sample((length, piece, known, seed) =>
        {
            var bytes = new byte[length];
            new Random(seed).NextBytes(bytes);
            var body = new Body(_pool, known ? length : null, whole: true);
            for (var at = 0; at < length; at += piece)
                body.Append(bytes.AsSpan(at, Math.Min(piece, length - at)));
            body.Complete();
            Assert.Equal(bytes, ReadAll(body));
            for (var probe = 0; probe < Math.Min(length, 50); probe++)
            {
                var offset = new Random(seed + probe).Next(length);
                Assert.Equal(bytes[offset], body.At(offset)[0]);
            }
            body.Release();
        }, iter: 300);
        Assert.Equal(0, _pool.Used);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(513)]
    [InlineData(41 * 1024)]
    [InlineData(100_000)]
    public void A_body_of_known_length_wastes_at_most_511_bytes(int length)
    {
        var body = Body.Of(_pool, new byte[length]);
        Assert.InRange(_pool.Used, length, length + 511);
        body.Release();
    }

    [Fact]
    public void The_last_byte_of_a_known_length_shows_only_when_the_body_is_complete()
    {
        var body = new Body(_pool, 10, whole: true);
        body.Append(new byte[10]);
        Assert.Equal(9, body.Length);
        Assert.Equal(9, body.At(0).Length);
        body.Complete();
        Assert.Equal(10, body.Length);
        body.Release();
    }

    [Fact]
    public void A_failed_body_never_shows_its_last_byte()
    {
        var body = new Body(_pool, 10, whole: true);
        using var reader = body.Read()!;
        body.Append(new byte[10]);
        body.Fail();
        Assert.Equal(BodyState.Failed, reader.State);
        Assert.Equal(9, reader.CopyTo(new ArrayBufferWriter<byte>(), 0, 100));
        body.Release();
    }

    [Fact]
    public void Chunks_stay_as_long_as_one_owner_is_left_and_no_longer()
    {
        var body = Body.Of(_pool, new byte[5000]);
        Assert.True(body.TryAcquire());
        body.Release();
        Assert.NotEqual(0, _pool.Used);
        body.Release();
        Assert.Equal(0, _pool.Used);
        Assert.False(body.TryAcquire());
        Assert.Null(body.Read());
    }

    [Fact]
    public async Task A_reader_is_woken_by_new_bytes_and_by_the_end()
    {
        var cancel = TestContext.Current.CancellationToken;
        var body = new Body(_pool, null, whole: true);
        using var reader = body.Read()!;
        var more = reader.WaitAsync(0, cancel);
        Assert.False(more.IsCompleted);
        body.Append("a"u8);
        await more;
        var end = reader.WaitAsync(1, cancel);
        Assert.False(end.IsCompleted);
        body.Complete();
        await end;
        Assert.Equal(BodyState.Complete, reader.State);
        body.Release();
    }

    [Fact]
    public async Task A_window_holds_its_writer_back_and_frees_what_was_read()
    {
        var cancel = TestContext.Current.CancellationToken;
        var body = new Body(_pool, null, whole: false);
        using var reader = body.Read()!;
        var time = new FakeTimeProvider();
        long written = 0;
        for (; written < Body.WindowBytes; written += 16 * 1024)
            body.Append(new byte[16 * 1024]);
        var room = body.WaitForRoomAsync(TimeSpan.FromSeconds(2), time, cancel).AsTask();
        Assert.False(room.IsCompleted);
        reader.Pass(written / 2);
        Assert.True(await room);
        Assert.InRange(_pool.Used, 1, (written / 2) + (32 * 1024));
        body.Fail();
        body.Release();
    }

    [Fact]
    public async Task A_window_that_nobody_reads_tells_its_writer_to_stop()
    {
        var body = new Body(_pool, null, whole: false);
        var reader = body.Read()!;
        body.Append(new byte[Body.WindowBytes]);
        var room = body.WaitForRoomAsync(TimeSpan.FromSeconds(2), new FakeTimeProvider(), TestContext.Current.CancellationToken).AsTask();
        reader.Dispose();
        Assert.False(await room);
        body.Fail();
        body.Release();
        Assert.Equal(0, _pool.Used);
    }

    [Fact]
    public async Task A_reader_that_holds_back_others_is_lost_after_the_patience_and_the_others_go_on()
    {
        var time = new FakeTimeProvider();
        var body = new Body(_pool, null, whole: false);
        using var slow = body.Read()!;
        using var fast = body.Read()!;
        body.Append(new byte[Body.WindowBytes]);
        fast.Pass(Body.WindowBytes);
        var room = body.WaitForRoomAsync(TimeSpan.FromSeconds(2), time, TestContext.Current.CancellationToken).AsTask();
        Assert.False(room.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await room);
        Assert.True(slow.IsLost);
        Assert.Equal(0, slow.CopyTo(new ArrayBufferWriter<byte>(), 0, 10));
        Assert.False(fast.IsLost);
        body.Fail();
        body.Release();
    }

    [Fact]
    public async Task A_window_whose_only_readers_are_lost_tells_its_writer_to_stop()
    {
        var time = new FakeTimeProvider();
        var body = new Body(_pool, null, whole: false);
        using var slow = body.Read()!;
        var fast = body.Read()!;
        body.Append(new byte[Body.WindowBytes]);
        fast.Pass(Body.WindowBytes);
        var room = body.WaitForRoomAsync(TimeSpan.FromSeconds(2), time, TestContext.Current.CancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await room);
        fast.Dispose();
        Assert.False(await body.WaitForRoomAsync(TimeSpan.FromSeconds(2), time, TestContext.Current.CancellationToken));
        body.Fail();
        body.Release();
    }

    [Fact]
    public async Task A_single_slow_reader_is_waited_for_and_never_lost()
    {
        var time = new FakeTimeProvider();
        var body = new Body(_pool, null, whole: false);
        using var slow = body.Read()!;
        body.Append(new byte[Body.WindowBytes]);
        var room = body.WaitForRoomAsync(TimeSpan.FromSeconds(2), time, TestContext.Current.CancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(slow.IsLost);
        slow.Pass(Body.WindowBytes);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await room);
        body.Fail();
        body.Release();
    }

    [Fact]
    public void A_body_that_became_a_window_refuses_new_readers_of_what_is_gone()
    {
        var body = new Body(_pool, null, whole: true);
        using var reader = body.Read()!;
        body.Append(new byte[100_000]);
        reader.Pass(100_000);
        body.BecomeWindow();
        Assert.Null(body.Read());
        body.Fail();
        body.Release();
    }

    [Fact]
    public async Task Many_readers_copy_the_same_bytes_while_the_body_grows()
    {
        var cancel = TestContext.Current.CancellationToken;
        var bytes = new byte[3_000_000];
        new Random(7).NextBytes(bytes);
        var body = new Body(_pool, null, whole: true);
        var readers = Enumerable.Range(0, 16).Select(_ => FollowAsync(body.Read()!, cancel)).ToArray();
        await Task.Run(() =>
        {
            for (var at = 0; at < bytes.Length; at += 4096)
                body.Append(bytes.AsSpan(at, Math.Min(4096, bytes.Length - at)));
            body.Complete();
        }, cancel);
        foreach (var copy in await Task.WhenAll(readers))
            Assert.True(bytes.AsSpan().SequenceEqual(copy));
        body.Release();
        Assert.Equal(0, _pool.Used);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_window_remembers_nothing_of_what_has_passed(bool beginsWhole)
    {
        var body = new Body(_pool, null, beginsWhole);
        using var reader = body.Read()!;
        var piece = new byte[8 * 1024];
        body.Append(piece);
        body.BecomeWindow();
        for (var passed = 0; passed < 64 << 20; passed += piece.Length)
        {
            body.Append(piece);
            reader.Pass(body.Length);
            Assert.InRange(body.RoomForChunks, 1, 64);
            Assert.InRange(body.Footprint, 1, 32 * 1024);
        }
        body.Complete();
        body.Release();
    }

    [Fact]
    public async Task Readers_of_a_window_get_its_bytes_at_their_own_pace_while_its_chunks_go()
    {
        var cancel = TestContext.Current.CancellationToken;
        var bytes = new byte[24 << 20];
        new Random(8).NextBytes(bytes);
        var body = new Body(_pool, null, whole: false);
        var readers = Enumerable.Range(0, 4).Select(_ => body.Read()!).ToArray().Select((reader, i) => Task.Run(() => PassAsync(reader, bytes, 3_000 * (i + 1), cancel))).ToArray();
        for (var at = 0; at < bytes.Length; at += 5000)
        {
            body.Append(bytes.AsSpan(at, Math.Min(5000, bytes.Length - at)));
            Assert.True(await body.WaitForRoomAsync(TimeSpan.FromMinutes(1), TimeProvider.System, cancel));
        }
        body.Complete();
        foreach (var read in await Task.WhenAll(readers))
            Assert.Equal(bytes.Length, read);
        body.Release();
        Assert.Equal(0, _pool.Used);
    }

    private static async Task<long> PassAsync(BodyReader reader, byte[] bytes, int most, CancellationToken cancel)
    {
        using (reader)
        {
            var copy = new ArrayBufferWriter<byte>(most);
            for (var at = 0; ;)
            {
                copy.ResetWrittenCount();
                var count = reader.CopyTo(copy, at, most);
                if (!copy.WrittenSpan.SequenceEqual(bytes.AsSpan(at, count)))
                    return -1;
                at += count;
                reader.Pass(at);
                if (reader.State is BodyState.Complete && reader.Length == at)
                    return at;
                await reader.WaitAsync(at, cancel);
            }
        }
    }

    private static async Task<byte[]> FollowAsync(BodyReader reader, CancellationToken cancel)
    {
        using (reader)
        {
            var copy = new ArrayBufferWriter<byte>();
            while (true)
            {
                reader.CopyTo(copy, copy.WrittenCount, 10_000);
                if (reader.State is BodyState.Complete && reader.Length == copy.WrittenCount)
                    return copy.WrittenSpan.ToArray();
                await reader.WaitAsync(copy.WrittenCount, cancel);
            }
        }
    }

    private static byte[] ReadAll(Body body)
    {
        var copy = new ArrayBufferWriter<byte>();
        while (body.At(copy.WrittenCount) is { IsEmpty: false } piece)
            copy.Write(piece);
        return copy.WrittenSpan.ToArray();
    }
}
