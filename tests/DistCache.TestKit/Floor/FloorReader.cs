namespace DistCache.TestKit;

/// <summary>Reads one page after another at one edge, on a connection that it keeps, and writes down what it saw.</summary>
internal sealed class FloorReader(FleetNode node, short edge, int keys, int seed)
{
    /// <summary>Shorter than a long freeze: who wakes finds requests that came while it slept, long after purges that were complete without it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Random _random = new(seed);

    public List<FloorRead> Reads { get; } = [];

    public List<string> WrongBodies { get; } = [];

    public long Hits { get; private set; }

    public long Unanswered { get; private set; }

    public async Task RunAsync(Action counted, CancellationToken enough)
    {
        RawClient? client = null;
        while (!enough.IsCancellationRequested)
        {
            try
            {
                client ??= await ConnectAsync();
                await ReadAsync(client);
                counted();
            }
            catch (Exception error) when (error is WireException or System.Net.Sockets.SocketException)
            {
                Unanswered++;
                if (client is not null)
                    await client.DisposeAsync();
                client = null;
                await Task.Delay(10, CancellationToken.None); // Nobody is there: no need to ask a thousand times.
            }
        }

        if (client is not null)
            await client.DisposeAsync();
    }

    private async Task<RawClient> ConnectAsync()
    {
        var client = await node.Edge.ConnectAsync();
        client.Patience = Patience;
        return client;
    }

    private async Task ReadAsync(RawClient client)
    {
        // Few pages are asked for often, and many now and then.
        var key = (short)(_random.Next(2) == 0 ? _random.Next(Math.Min(8, keys)) : _random.Next(keys));
        var invoked = TimeProvider.System.GetTimestamp();
        var answer = await client.GetAsync(VersionedPage.TargetOf(key));
        var completed = TimeProvider.System.GetTimestamp();
        if (answer.Status != 200)
        {
            Unanswered++;
            return;
        }

        // The last member is this edge's own; those before it speak of how the page came here.
        var status = answer.Field("Cache-Status")?.Split(',')[^1] ?? "";
        if (VersionedPage.Parse(answer.Body) is not { } page || page.Key != key || !answer.EndedCleanly)
        {
            WrongBodies.Add($"{node.Id} {VersionedPage.TargetOf(key)}: {answer.End} {answer.Text}");
            return;
        }

        if (status.Contains("; hit", StringComparison.Ordinal))
            Hits++;
        // Stale for less than a second is ttl=0: the reason says it then.
        var isStale = status.Contains("ttl=-", StringComparison.Ordinal) || status.Contains("detail=stale-", StringComparison.Ordinal);
        Reads.Add(new FloorRead(invoked, completed, page.Version, key, edge, !isStale));
    }
}
