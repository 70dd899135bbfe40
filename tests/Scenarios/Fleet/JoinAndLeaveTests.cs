using System.Collections.Concurrent;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>
/// Edges come and go in order while clients read and pages are purged. The region is partitioned and has no shared tier, so that who comes or goes takes
/// keys with it.
/// </summary>
[Collection(FleetCollection.Name)]
public class JoinAndLeaveTests
{
    private const int Keys = 40;
    private const int ClientsPerEdge = 2;

    /// <summary>A purge that waited for one who has left would take this long, and is given less.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task Edges_are_added_and_removed_under_load_without_a_failed_request_or_an_old_page()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        await using var fleet = await EdgeFleet.StartAsync(new FleetStart
        {
            Lease = Lease,
            Keys = Keys,
            Shared = false,
            LogsOrigin = false,
            Environment = new Dictionary<string, string?>
            {
                ["DistCache__Fleet__Secret"] = "the same thirty-two characters here",
                ["DistCache__Regions__ams__Countries"] = "EU",
                ["DistCache__Regions__ams__Partition"] = "true",
            },
        });
        await using var readers = new Readers(fleet);
        var first = fleet["ams-1"];
        readers.Begin(first);
        readers.Begin(fleet["ams-2"]);
        await PurgeAllAsync("ams-1", "ams-2");

        var third = await fleet.JoinAsync("ams");
        readers.Begin(third);
        await PurgeAllAsync("ams-1", "ams-2", "ams-3");
        Assert.True(await PeerAnswersAsync(third) > 0, "the one that joined asks nobody for what others keep");

        Assert.Equal(0, await LeaveAsync(fleet["ams-2"]));
        var asked = await PeerAnswersAsync(first);
        await PurgeAllAsync("ams-1", "ams-3");
        Assert.True(await PeerAnswersAsync(first) > asked, "the one that joined keeps nothing for the others");

        var fourth = await fleet.JoinAsync("ams");
        readers.Begin(fourth);
        await PurgeAllAsync("ams-1", "ams-3", "ams-4");
        await Eventually.TrueAsync(async () => (await third.PurgeAsync(1)).IsComplete); // it has watched the others for a lease (V7): from now on it may say so at once
        Assert.Equal(0, await LeaveAsync(first));
        await PurgeAllAsync("ams-3", "ams-4");
        await readers.StopAsync();
        Assert.Empty(readers.Failures);

        // Each page costs the origin one answer: one of them keeps it, and the other asks that one.
        for (var key = 0; key < Keys; key++)
        {
            fleet.Origin.Bump(key);
            (await third.PurgeAsync(key)).MustBeComplete();
        }
        var fetches = fleet.Origin.Fetches;
        for (var key = 0; key < Keys; key++)
            Assert.Equal((fleet.Origin.VersionOf(key), fleet.Origin.VersionOf(key)), (await third.VersionAsync(key), await fourth.VersionAsync(key)));
        Assert.Equal(fetches + Keys, fleet.Origin.Fetches);

        // Every fourth page gets a new version, and readers ask for all of them meanwhile. Complete means at these, and at nobody else.
        async Task PurgeAllAsync(params string[] members)
        {
            var by = fleet[members[0]];
            await Eventually.TrueAsync(async () => (await LiveAsync(by)).SequenceEqual(members), () => string.Join(", ", members));
            for (var key = 0; key < Keys; key += 4)
            {
                var version = fleet.Origin.Bump(key);
                var reply = (await by.PurgeAsync(key, timeout: "5s")).MustBeComplete();
                Assert.Equal(members, reply.Applied.Order());
                readers.Purged(key, version);
                await readers.MoreAsync(10);
            }
        }
    }

    private static async Task<string[]> LiveAsync(FleetNode by) =>
        [.. (await by.AdminAsync("/api/v1/nodes")).GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("id").GetString()!).Order()];

    private static async Task<double> PeerAnswersAsync(FleetNode node) => (await node.Edge.MetricsAsync())
        .Where(line => line.StartsWith("distcache_peer_requests_total{", StringComparison.Ordinal) && line.Contains("outcome=\"answered\"", StringComparison.Ordinal))
        .Sum(line => double.Parse(line.Split("} ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));

    /// <returns>Its exit code.</returns>
    private static Task<int> LeaveAsync(FleetNode node)
    {
        node.Edge.Process.Send(Signal.Terminate);
        return node.Edge.Process.WaitForExitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Clients that ask one edge each until it closes their connection in order, and judge every answer by what was purged before they asked.</summary>
    private sealed class Readers(EdgeFleet fleet) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _enough = new();
        private readonly ConcurrentQueue<string> _failures = new();
        private readonly List<Task> _clients = [];
        private readonly long[] _purged = new long[Keys];
        private long _answered;

        public IReadOnlyCollection<string> Failures => _failures;

        public void Begin(FleetNode node)
        {
            for (var i = 0; i < ClientsPerEdge; i++)
                _clients.Add(Task.Run(() => ReadAsync(node, new Random(_clients.Count))));
        }

        /// <summary>It is acknowledged: nobody may see an older one from now on.</summary>
        public void Purged(int key, long version) => Volatile.Write(ref _purged[key], version);

        public Task MoreAsync(int answers)
        {
            var goal = Interlocked.Read(ref _answered) + answers;
            return Eventually.TrueAsync(() => Interlocked.Read(ref _answered) >= goal, () => string.Join("\n", _failures));
        }

        public async Task StopAsync()
        {
            await _enough.CancelAsync();
            await Task.WhenAll(_clients);
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _enough.Dispose();
        }

        private async Task ReadAsync(FleetNode node, Random random)
        {
            try
            {
                await using var client = await node.Edge.ConnectAsync();
                while (!_enough.IsCancellationRequested)
                {
                    var key = random.Next(Keys);
                    var least = Volatile.Read(ref _purged[key]);
                    await client.SendAsync(Requests.Text("GET", VersionedPage.TargetOf(key)));
                    if (await client.TryReadAnswerAsync() is not { } answer)
                    {
                        // Closed in order before a byte of an answer says that the request was not taken.
                        if (client.PeerEnd != ConnectionEnd.Closed)
                            _failures.Enqueue($"{node.Id}: {client.PeerEnd}");
                        return;
                    }
                    if (Pages.VersionOf(answer, key) is var version && version < least)
                        _failures.Enqueue($"{node.Id}: version {version} of {key} after {least} was acknowledged");
                    Interlocked.Increment(ref _answered);
                    if (answer.Field("Connection") == "close")
                        return;
                }
            }
            catch (Exception error)
            {
                _failures.Enqueue($"{node.Id}: {error.Message} (the origin serves {fleet.Origin.Keys} pages)");
            }
        }
    }
}
