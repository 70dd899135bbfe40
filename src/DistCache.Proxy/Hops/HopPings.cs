using System.Collections.Concurrent;
using DistCache.Fleet.Members;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Hops;

/// <summary>
/// Whether the way to a node is open, asked when an answer of its takes long: the node may beat where its data port cannot be reached, and an origin may take a
/// minute. On connections of its own, so that it does not stand in line behind those that wait; one for each node, however many wait.
/// </summary>
internal sealed class HopPings(HopConnections connections, TimeProvider time)
{
    /// <summary>What a ping says in <see cref="Hop.Field"/>. It is not signed, and answered with nothing but that somebody is there.</summary>
    public const string Word = "ping";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<ulong, Task<bool>> _underWay = new();

    public Task<bool> AnswersAsync(MemberRow node)
    {
        if (_underWay.TryGetValue(node.Run, out var known))
            return known;
        var mine = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_underWay.TryAdd(node.Run, mine.Task))
            return AnswersAsync(node);
        _ = PingAsync(node, mine);
        return mine.Task;
    }

    private async Task PingAsync(MemberRow node, TaskCompletionSource<bool> answers)
    {
        var isThere = false;
        try
        {
            using var late = new CancellationTokenSource(Patience, time);
            using var message = new HttpRequestMessage(HttpMethod.Get, node.DataAddress + "/");
            message.Headers.TryAddWithoutValidation(Hop.Field, Word);
            using var head = await connections.PingAsync(message, late.Token);
            isThere = (int)head.StatusCode == StatusCodes.Status204NoContent;
        }
        catch (Exception e) when (HopConnections.IsFailure(e))
        {
            // Nobody is there.
        }
        finally
        {
            _underWay.TryRemove(node.Run, out _);
            answers.TrySetResult(isThere);
        }
    }
}
