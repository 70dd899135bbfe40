using System.Collections.Concurrent;
using System.Net;
using DistCache.TestKit;

namespace DistCache.LoadTests.Fleet;

/// <summary>A purge from its first sending to its being complete; <paramref name="Took"/> null: it never was.</summary>
internal readonly record struct PurgeTime(TimeSpan At, TimeSpan? Took);

/// <summary>Writes a page at the origin and purges its URL at some edge, at a steady rate; goes on to another edge when one does not take it.</summary>
internal sealed class Purges(EdgeFleet fleet, int objects, int seed, TimeProvider time)
{
    private static readonly TimeSpan MostForOne = TimeSpan.FromSeconds(60);
    private readonly ConcurrentQueue<FloorWrite> _writes = new();
    private readonly ConcurrentQueue<FloorPurge> _purges = new();
    private readonly ConcurrentQueue<PurgeTime> _times = new();
    private readonly Random _random = new(seed);

    public IReadOnlyCollection<FloorWrite> Writes => _writes;

    public IReadOnlyCollection<FloorPurge> Complete => _purges;

    public IReadOnlyCollection<PurgeTime> Times => _times;

    public async Task RunAsync(int count, TimeSpan during)
    {
        var start = time.GetTimestamp();
        var running = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            var due = (during * i / count) - time.GetElapsedTime(start);
            if (due > TimeSpan.Zero)
                await Task.Delay(due, time);
            running.Add(PurgeAsync((short)_random.Next(objects), _random.Next(fleet.Nodes.Count), start));
        }
        await Task.WhenAll(running);
    }

    private async Task PurgeAsync(short key, int first, long start)
    {
        // Noted before the origin serves it.
        var invoked = time.GetTimestamp();
        _writes.Enqueue(new(invoked, key, fleet.Origin.Bump(key)));
        var version = fleet.Origin.VersionOf(key);
        TimeSpan? took = null;
        for (var i = 0; took is null && time.GetElapsedTime(invoked) < MostForOne; i++)
        {
            if (!await IsCompleteAsync(fleet.Nodes[(first + i) % fleet.Nodes.Count], key, invoked))
                continue;
            var acknowledged = time.GetTimestamp();
            took = time.GetElapsedTime(invoked, acknowledged);
            _purges.Enqueue(new(acknowledged, key, version, IsSoft: false));
        }
        _times.Enqueue(new(time.GetElapsedTime(start, invoked), took));
    }

    private async Task<bool> IsCompleteAsync(FleetNode node, short key, long since)
    {
        try
        {
            var reply = await node.PurgeAsync(key, timeout: "10s");
            while (reply.IsPending && time.GetElapsedTime(since) < MostForOne)
            {
                var (position, id) = (reply.Position, reply.Id);
                await Task.Delay(TimeSpan.FromMilliseconds(50), time); // Another process: it can only be asked.
                reply = await node.ReceiptAsync(position);
                if (reply.Status != HttpStatusCode.OK || reply.Id != id)
                    return false;
            }
            return reply.IsComplete;
        }
        catch (WireException)
        {
            return false; // Killed, or cut off: nobody has acknowledged anything.
        }
    }
}
