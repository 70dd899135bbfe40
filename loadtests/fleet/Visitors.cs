using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using DistCache.TestKit;

namespace DistCache.LoadTests.Fleet;

/// <summary>
/// The clients of one continent. Like a DNS they ask now and then which region is nearest, go to either edge of it, and to the other one when
/// a connection fails before anything of an answer came.
/// </summary>
internal sealed class Visitors(EdgeFleet fleet, int number, Zipf wanted, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLookUps = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<FleetNode, ConcurrentBag<RawClient>> _idle = new();
    private readonly ConcurrentQueue<FloorRead> _reads = new();
    private readonly ConcurrentQueue<Answer> _answers = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Random _random = new(number);
    private long _start;
    private long _retried;
    private volatile string _region = Continent.All[number].Region;

    public Continent Continent => Continent.All[number];

    public IReadOnlyCollection<FloorRead> Reads => _reads;

    public IReadOnlyCollection<Answer> Answers => _answers;

    /// <summary>What no edge answered well, and why.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Requests whose connection failed and that the other edge answered.</summary>
    public long Retried => Volatile.Read(ref _retried);

    /// <summary>Regions that the edges named, in order, each once in a row.</summary>
    public List<string> Regions { get; } = [];

    public void Begin() => _start = time.GetTimestamp();

    public async Task RequestAsync()
    {
        var random = Random.Shared;
        var key = wanted.Next(random);
        var nodes = fleet.Nodes.Where(node => node.Region == _region).ToArray();
        random.Shuffle(nodes);
        var failure = "";
        for (var i = 0; i < nodes.Length; i++)
        {
            try
            {
                await RequestAsync(nodes[i], key, random);
                if (i > 0)
                    Interlocked.Increment(ref _retried);
                return;
            }
            catch (Exception error) when (error is WireException or SocketException or IOException)
            {
                failure = $"{Continent.Name} at {nodes[i].Id}: {error.Message}";
            }
        }
        _failures.Enqueue(failure);
    }

    /// <summary>Which region they go to, until it is enough.</summary>
    public async Task FollowAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            var node = fleet.Nodes[_random.Next(fleet.Nodes.Count)];
            try
            {
                await using var client = await RawClient.ConnectAsync(node.Edge.Port, from: Continent.Address(_random));
                using var answer = JsonDocument.Parse((await client.GetAsync("/.well-known/distcache/nearest")).Text);
                _region = answer.RootElement.GetProperty("chosen").GetString()!;
                if (Regions.Count == 0 || Regions[^1] != _region)
                    Regions.Add(_region);
            }
            catch (Exception error) when (error is WireException or SocketException or IOException or JsonException)
            {
                continue; // It was killed: another one knows as well.
            }
            await Task.Delay(BetweenLookUps, time, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _idle.Values.SelectMany(clients => clients))
            await client.DisposeAsync();
    }

    private async Task RequestAsync(FleetNode node, int key, Random random)
    {
        var idle = _idle.GetOrAdd(node, _ => []);
        while (idle.TryTake(out var kept))
        {
            // A connection that was kept may have died with its edge: that says nothing of the next.
            if (await TryAsync(kept, node, key, mayHaveDied: true))
                return;
        }
        await TryAsync(await RawClient.ConnectAsync(node.Edge.Port, from: Continent.Address(random)), node, key, mayHaveDied: false);
    }

    /// <summary>False: the connection was dead.</summary>
    private async Task<bool> TryAsync(RawClient client, FleetNode node, int key, bool mayHaveDied)
    {
        var isGood = false;
        try
        {
            var invoked = time.GetTimestamp();
            await client.SendAsync(Requests.Text("GET", VersionedPage.TargetOf(key)));
            if (await client.TryReadAnswerAsync() is not { } answer)
            {
                return mayHaveDied ? false : throw new WireException($"{client.PeerEnd} in place of an answer");
            }
            Note(answer, node, key, invoked, time.GetTimestamp());
            isGood = true;
            return true;
        }
        finally
        {
            if (isGood)
                _idle[node].Add(client);
            else
                await client.DisposeAsync();
        }
    }

    private void Note(RawAnswer answer, FleetNode node, int key, long invoked, long completed)
    {
        if (answer.Status != 200 || !answer.EndedCleanly || VersionedPage.Parse(answer.Body) is not { } page || page.Key != key)
        {
            _failures.Enqueue($"{Continent.Name} at {node.Id}: {answer}");
            return;
        }
        var status = Answer.OwnStatusOf(answer);
        var isStale = status.Contains("ttl=-", StringComparison.Ordinal) || status.Contains("detail=stale-", StringComparison.Ordinal);
        var edge = (short)IndexOf(fleet.Nodes, node);
        _reads.Enqueue(new(invoked, completed, page.Version, (short)key, edge, !isStale));
        _answers.Enqueue(new((int)time.GetElapsedTime(_start, completed).TotalSeconds, number, (short)IndexOf(Continent.All, Continent.All.First(c => c.Region == node.Region)), Answer.TierOf(answer)));
    }

    private static int IndexOf<T>(IReadOnlyList<T> list, T item)
    {
        for (var i = 0; i < list.Count; i++)
            if (ReferenceEquals(list[i], item))
                return i;
        return -1;
    }
}
