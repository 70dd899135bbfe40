using System.Buffers;
using DistCache.Proxy.Requests;
using DistCache.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Proxy.Tests.Requests;

/// <summary>RFC 9113 §10.5: which connections have had more control frames than they earned.</summary>
public sealed class FrameAllowanceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FrameAllowance _allowance;

    public FrameAllowanceTests()
    {
        _allowance = new(_time);
        Assert.True(Take(Http2Frame.Preface.ToArray()));
    }

    private static Http2Frame Ping { get; } = new(Http2FrameType.Ping, 0, 0, new byte[8]);

    public static TheoryData<string, byte[]> Cheap => new()
    {
        { "PING", Ping.ToBytes() },
        { "SETTINGS", Http2Frame.Settings((Http2Setting.MaxConcurrentStreams, 1)).ToBytes() },
        { "PRIORITY", new Http2Frame(Http2FrameType.Priority, 0, 3, new byte[5]).ToBytes() },
        { "WINDOW_UPDATE", Http2Frame.WindowUpdate(0, 1).ToBytes() },
        { "CONTINUATION", Http2Frame.Continuation(1, [], endHeaders: false).ToBytes() },
        { "empty DATA", Http2Frame.Data(1, [], endStream: false).ToBytes() },
        { "an unknown type", new Http2Frame((Http2FrameType)0xbb, 0, 0, new byte[4]).ToBytes() },
    };

    [Theory]
    [MemberData(nameof(Cheap))]
    public void A_burst_is_taken_and_one_frame_more_is_not(string name, byte[] frame)
    {
        for (var i = 0; i < FrameAllowance.Most; i++)
            Assert.True(Take(frame), $"{name} {i}");
        Assert.False(Take(frame));
    }

    [Fact]
    public void Frames_are_found_however_the_bytes_are_cut()
    {
        byte[] bytes = [.. Enumerable.Range(0, FrameAllowance.Most).SelectMany(_ => Ping.ToBytes())];
        for (var at = 0; at < bytes.Length; at += 7)
            Assert.True(Take(bytes[at..Math.Min(bytes.Length, at + 7)]));
        Assert.False(Take(Ping.ToBytes()));
    }

    [Fact]
    public void Time_gives_back()
    {
        for (var i = 0; i < FrameAllowance.Most * 5; i++)
        {
            Assert.True(Take(Ping.ToBytes()));
            _time.Advance(TimeSpan.FromSeconds(1.0 / FrameAllowance.PerSecond));
        }
    }

    [Fact]
    public void Requests_and_the_frames_around_them_are_no_flood()
    {
        for (var i = 0; i < FrameAllowance.Most * 5; i++)
        {
            Assert.True(Take(Http2Frame.Headers(1 + (2 * i), HpackEncoder.Encode(RawHttp2Client.Fields("GET", "/")), endStream: true).ToBytes()));
            for (var control = 0; control < 4; control++)
                Assert.True(Take(Http2Frame.WindowUpdate(0, 1).ToBytes()));
            Assert.True(Take(Http2Frame.RstStream(1 + (2 * i), Http2Error.Cancel).ToBytes()));
        }
    }

    [Fact]
    public void A_download_in_tiny_pieces_with_two_WINDOW_UPDATE_for_each_is_no_flood()
    {
        for (var i = 0; i < FrameAllowance.Most * 5; i++)
        {
            _allowance.AddSent(9 + 100);
            Assert.True(Take(Http2Frame.WindowUpdate(0, 100).ToBytes()));
            Assert.True(Take(Http2Frame.WindowUpdate(1, 100).ToBytes()));
        }
    }

    [Fact]
    public void A_reader_that_gives_its_window_back_long_after_the_bytes_went_out_is_no_flood()
    {
        _allowance.AddSent(2_000_000);
        for (var i = 0; i < 40_000; i++)
            Assert.True(Take(Http2Frame.WindowUpdate(0, 50).ToBytes()));
    }

    [Fact]
    public void An_upload_with_a_PING_for_each_piece_is_no_flood()
    {
        for (var i = 0; i < FrameAllowance.Most * 5; i++)
        {
            Assert.True(Take(Http2Frame.Data(1, new byte[100], endStream: false).ToBytes()));
            Assert.True(Take(Ping.ToBytes()));
        }
    }

    [Fact]
    public void The_answers_to_a_flood_of_PING_do_not_pay_for_it()
    {
        var taken = 0;
        while (Take(Ping.ToBytes()))
        {
            _allowance.AddSent(17);
            Assert.InRange(++taken, 0, FrameAllowance.Most * 3);
        }
    }

    private bool Take(byte[] bytes) => _allowance.Take(new ReadOnlySequence<byte>(bytes));
}
