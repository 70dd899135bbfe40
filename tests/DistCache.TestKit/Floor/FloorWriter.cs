namespace DistCache.TestKit;

/// <summary>Writes at the origin, then purges at some edge by URL, by tag, or by prefix, and writes down what was acknowledged as complete.</summary>
internal sealed class FloorWriter(EdgeFleet fleet, FloorRunOptions options, int seed)
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);

    /// <summary>With who answers nothing, though it was asked to answer within a second: it sleeps, and to wait until it wakes would be to purge nothing meanwhile.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A purge that is pending is asked after for so long, five times a second: longer than it may wait for who is silent.</summary>
    private const int MostTries = 100;

    private readonly Random _random = new(seed);
    private readonly int _keys = options.Keys ?? fleet.Origin.Keys;

    public List<FloorWrite> Writes { get; } = [];

    public List<FloorPurge> Purges { get; } = [];

    public long Complete { get; private set; }

    public long Pending { get; private set; }

    public async Task RunAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            var key = (short)_random.Next(_keys);
            // Noted before the origin serves it. The number is only known afterwards: versions of one key are counted, not chosen.
            var invoked = TimeProvider.System.GetTimestamp();
            Writes.Add(new FloorWrite(invoked, key, fleet.Origin.Bump(key)));
            await PurgeAsync(key, enough);
            await Task.Delay(Between, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PurgeAsync(short key, CancellationToken enough)
    {
        var node = fleet.Nodes[_random.Next(fleet.Nodes.Count)];
        var isSoft = options.SoftOneIn > 0 && _random.Next(options.SoftOneIn) == 0;
        var (selection, keys) = Select(key);
        // What the purge covers: each of its pages as it stands at the origin now, before the purge is sent.
        var covered = Array.ConvertAll(keys, covered => (Key: covered, Version: fleet.Origin.VersionOf(covered)));
        selection["mode"] = isSoft ? "soft" : "hard";
        selection["wait"] = "all";
        selection["timeout"] = "1s";
        if (!await IsCompleteAsync(node, selection, enough))
        {
            Pending++;
            return;
        }

        var acknowledged = TimeProvider.System.GetTimestamp();
        Complete++;
        foreach (var (page, version) in covered)
            Purges.Add(new FloorPurge(acknowledged, page, version, isSoft));
    }

    private (Dictionary<string, object> Selection, short[] Keys) Select(short key) => _random.Next(10) switch
    {
        0 => (new() { ["tags"] = new[] { "all" } }, All()),
        1 => (new() { ["prefixes"] = new[] { "test/k/" } }, All()),
        2 or 3 => (new() { ["tags"] = new[] { $"k-{key}" } }, [key]),
        _ => (new() { ["urls"] = new[] { $"http://test{VersionedPage.TargetOf(key)}" } }, [key]),
    };

    private short[] All() => [.. Enumerable.Range(0, _keys).Select(key => (short)key)];

    /// <summary>One that is pending is asked for again, for a while: its completion counts from when that was told.</summary>
    private static async Task<bool> IsCompleteAsync(FleetNode node, Dictionary<string, object> selection, CancellationToken enough)
    {
        try
        {
            var reply = await node.PurgeAsync(selection).WaitAsync(Patience);
            for (var tries = 0; reply.IsPending && tries < MostTries && !enough.IsCancellationRequested; tries++)
            {
                var (position, id) = (reply.Position, reply.Id);
                await Task.Delay(200, CancellationToken.None); // Another process: it can only be asked.
                reply = await node.ReceiptAsync(position).WaitAsync(Patience);
                if (reply.Status != System.Net.HttpStatusCode.OK || reply.Id != id)
                    return false;
            }

            return reply.IsComplete;
        }
        catch (Exception error) when (error is WireException or TimeoutException)
        {
            return false; // The coordinator died, or was stopped for too long: nobody has acknowledged anything.
        }
    }
}
