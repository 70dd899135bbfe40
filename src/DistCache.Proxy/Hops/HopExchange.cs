using System.Buffers;
using System.Diagnostics;
using DistCache.Fleet.Members;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Purging;
using DistCache.Storage.Shared;

namespace DistCache.Proxy.Hops;

/// <summary>One request to one node in the place of the origin. The sink hears of nothing before the first byte of an answer that counts.</summary>
internal sealed class HopExchange(HopConnections connections, HopPings pings, FleetNodes nodes, IStampClock stamps, NodeIdentity self, OriginOptions options, PathRules rules, TimeProvider time)
{
    /// <summary>In logs, where an origin's cluster would stand.</summary>
    private const string Cluster = "fleet";

    private const int PieceSize = 64 << 10;

    /// <summary>How often a node that takes its time is looked at: one that hangs, or cannot be reached, is found out long before the time-out of an origin.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    /// <param name="span">What the node does is below it; null: nobody wants to know.</param>
    /// <param name="asOf">Told before the sink: the purge position that the answer is true for.</param>
    public async Task<HopOutcome> RunAsync(MemberRow node, Hop hop, FillRequest request, Activity? span, IOriginSink sink, Action<long> asOf, CancellationToken cancel)
    {
        var record = request.Origin.Record;
        (record.Cluster, record.Destination, record.StartedAt, record.HeadAt, record.Status) = (Cluster, node.Node, time.GetTimestamp(), 0, 0);
        var hasBegun = false;
        using var give = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            using var message = HopMessages.Request(request.Origin, new(node.DataAddress), hop, span, self);
            using var head = await HeadAsync(node, message, give);
            if (head is null)
                return cancel.IsCancellationRequested ? HopOutcome.Cancelled : HopOutcome.Silent;
            if (!head.Headers.TryGetValues(Hop.Field, out var lines) || !HopAnswer.TryRead(string.Join(',', lines), hop, out var stamp))
                return HopOutcome.Refused;
            if (await stamps.AsOfAsync(stamp, time, give.Token) is not { } answerAsOf)
                return HopOutcome.Incomparable;
            (record.Status, record.HeadAt) = ((int)head.StatusCode, time.GetTimestamp());
            asOf(rules.SmallerAsOf ? Math.Min(request.AsOf, answerAsOf) : request.AsOf);
            await foreach (var piece in PiecesAsync(head, give))
            {
                if (!hasBegun)
                    sink.Begin(HopMessages.Head(head));
                hasBegun = true;
                if (!piece.IsEmpty)
                    await sink.AppendAsync(piece, cancel);
            }
            return HopOutcome.Answered;
        }
        catch (Exception e) when (HopConnections.IsFailure(e))
        {
            return cancel.IsCancellationRequested ? HopOutcome.Cancelled : hasBegun ? HopOutcome.Cut : e is OperationCanceledException ? HopOutcome.TimedOut : HopOutcome.Unreachable;
        }
    }

    /// <summary>Null: the node is not there any more.</summary>
    private async Task<HttpResponseMessage?> HeadAsync(MemberRow node, HttpRequestMessage message, CancellationTokenSource give)
    {
        using var late = new CancellationTokenSource(options.FirstByteTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, give.Token);
        var sending = connections.SendAsync(message, either.Token);
        while (!sending.IsCompleted)
        {
            await ((Task)sending).WaitAsync(LookAgain, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (sending.IsCompleted || await IsThereAsync(node, sending))
                continue;
            await give.CancelAsync();
            // It may have come just now: then nobody wants it.
            await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (sending.IsCompletedSuccessfully)
                sending.Result.Dispose();
            return null;
        }
        return await sending;
    }

    /// <summary>It beats, and the way to it is open; or it has answered meanwhile.</summary>
    private async Task<bool> IsThereAsync(MemberRow node, Task sending)
    {
        if (!nodes.IsLive(node))
            return false;
        var ping = pings.AnswersAsync(node);
        await Task.WhenAny(sending, ping);
        return sending.IsCompleted || await ping;
    }

    /// <summary>The body in the pieces that come, each valid until the next; where there is none, and at the clean end, an empty one.</summary>
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(HttpResponseMessage head, CancellationTokenSource give)
    {
        await using var body = await head.Content.ReadAsStreamAsync(give.Token);
        using var idle = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, give.Token);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            while (true)
            {
                idle.CancelAfter(options.IdleTimeout);
                var read = await body.ReadAsync(buffer, either.Token);
                idle.CancelAfter(Timeout.InfiniteTimeSpan); // who reads us may take as long as it may
                yield return buffer.AsMemory(0, read);
                if (read == 0)
                    yield break;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
