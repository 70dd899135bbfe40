using System.Net.Sockets;
using System.Threading.Channels;

namespace DistCache.TestKit;

/// <summary>
/// One direction of one connection. The reader notes when each piece is due, the writer waits for that: a delay holds for every piece
/// alike, however many are on their way.
/// </summary>
internal sealed class FaultyPipe(Socket from, Socket to, FaultyLink link, int seed)
{
    private const int PieceLength = 16 * 1024;
    private const int MostPieces = 1024;

    private readonly Channel<(byte[] Bytes, long Due)> _underWay =
        Channel.CreateBounded<(byte[] Bytes, long Due)>(new BoundedChannelOptions(MostPieces) { SingleReader = true, SingleWriter = true });

    private readonly BitFlips _flips = new(new Random(seed));
    private readonly Random _timing = new(~seed); // Of its own: how often it is asked depends on how the stream was cut.
    private readonly Random _holes = new(seed / 2);
    private long _lastDue;

    public async Task PassAsync(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] both = [ReadAsync(end.Token), WriteAsync(end.Token)];
        await foreach (var ended in Task.WhenEach(both))
            if (!ended.IsCompletedSuccessfully)
                await end.CancelAsync();
        await Task.WhenAll(both);
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var buffer = new byte[PieceLength];
        while (true)
        {
            var read = await from.ReceiveAsync(buffer, cancellation);
            var now = TimeProvider.System.GetTimestamp();
            await _underWay.Writer.WriteAsync((buffer[..read], DueAt(now, read)), cancellation);
            if (read == 0)
                break;
        }
    }

    private long DueAt(long now, int length)
    {
        var faults = link.Faults;
        var jitter = faults.Jitter * _timing.NextDouble();
        var rate = faults.BytesPerSecond == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)length / faults.BytesPerSecond);
        // A byte is never due before the one ahead of it; at a given rate it is due so much after it.
        return _lastDue = Math.Max(now + Ticks(faults.Delay + jitter + rate), _lastDue + Ticks(rate));
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        await foreach (var (bytes, due) in _underWay.Reader.ReadAllAsync(cancellation))
        {
            await UntilAsync(due, cancellation);
            await link.WhileAsync(LinkState.Stalled, cancellation);
            if (link.Faults.State == LinkState.HalfOpen)
            {
                await SwallowAsync(cancellation);
                throw new BrokenLinkException();
            }

            if (bytes.Length == 0)
            {
                to.Shutdown(SocketShutdown.Send);
                return;
            }

            await SendAsync(bytes, cancellation);
        }
    }

    private async Task SendAsync(byte[] bytes, CancellationToken cancellation)
    {
        var faults = link.Faults;
        if (faults.Drop > 0 && _holes.NextDouble() < faults.Drop)
        {
            link.HasDropped(bytes.Length);
            return;
        }

        _flips.Apply(bytes, faults.FlipOneBitIn);
        for (var sent = 0; sent < bytes.Length;)
            sent += await to.SendAsync(bytes.AsMemory(sent), cancellation);
        link.Passed(bytes.Length);
    }

    /// <summary>Takes what comes, as a peer's kernel would that nobody hears, until the link opens.</summary>
    private async Task SwallowAsync(CancellationToken cancellation)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var opened = link.WhileAsync(LinkState.HalfOpen, enough.Token);
        while (!opened.IsCompleted)
        {
            var more = _underWay.Reader.WaitToReadAsync(enough.Token).AsTask();
            if (await Task.WhenAny(opened, more) == more && (!await more || !_underWay.Reader.TryRead(out _)))
                break;
        }

        await opened;
        await enough.CancelAsync();
    }

    private static async Task UntilAsync(long due, CancellationToken cancellation)
    {
        while (TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), due) is var left && left > TimeSpan.Zero)
            await Task.Delay(left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left, cancellation);
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);
}
