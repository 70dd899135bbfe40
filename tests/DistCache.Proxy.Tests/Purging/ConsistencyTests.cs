using DistCache.Fleet.Logs;
using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;
using FleetNode = DistCache.Fleet.FleetNode;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Purging;

/// <summary>What each consistency level answers from what it holds, and when; and how writes reach the other nodes.</summary>
public sealed class ConsistencyTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Eventual_serves_within_the_lease_and_validates_beyond_it()
    {
        await using var fleet = await StartAsync("eventual");
        await fleet.Edge.GetAsync("/a");
        fleet.Log.IsCut = true;
        fleet.Edge.Time.Advance(Lease - TimeSpan.FromSeconds(1));
        await fleet.Edge.GetAsync("/a");
        Assert.Equal(1, fleet.Edge.Fetches("/a"));
        fleet.Edge.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains("detail=suspect", (await fleet.Edge.GetAsync("/a")).Field("Cache-Status"));
        Assert.Equal(2, fleet.Edge.Fetches("/a"));
    }

    [Fact] // rule 21
    public async Task Bounded_serves_within_its_lag_and_validates_beyond_it_though_the_lease_is_held()
    {
        await using var fleet = await StartAsync("bounded", ("MaxLag", "5s"));
        await fleet.Edge.GetAsync("/a");
        fleet.Log.IsCut = true;
        fleet.Edge.Time.Advance(TimeSpan.FromSeconds(4));
        await fleet.Edge.GetAsync("/a");
        Assert.Equal(1, fleet.Edge.Fetches("/a"));
        fleet.Edge.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(fleet.Node.HoldsLease);
        Assert.Contains("detail=suspect", (await fleet.Edge.GetAsync("/a")).Field("Cache-Status"));
        Assert.Equal(2, fleet.Edge.Fetches("/a"));
    }

    [Fact] // rule 21
    public async Task Strong_has_applied_whatever_the_log_held_when_the_request_came()
    {
        await using var fleet = await StartAsync("strong");
        await fleet.Edge.GetAsync("/a");
        await fleet.Edge.GetAsync("/a");
        Assert.Equal(1, fleet.Edge.Fetches("/a"));
        fleet.Log.AppendUnheard(new(7, [PurgeSelector.Everything], PurgeMode.Hard, ""));
        Assert.Null(fleet.Node.Find(7));
        await fleet.Edge.GetAsync("/a");
        Assert.Equal(2, fleet.Edge.Fetches("/a"));
        Assert.NotNull(fleet.Node.Find(7));
    }

    [Fact] // rule 21: log unreachable = validate, else 504
    public async Task Strong_without_the_log_validates_and_without_the_origin_too_answers_504()
    {
        await using var fleet = await StartAsync("strong");
        await fleet.Edge.GetAsync("/a");
        fleet.Log.IsCut = true;
        Assert.Equal(200, (await fleet.Edge.GetAsync("/a")).Status);
        Assert.Equal(2, fleet.Edge.Fetches("/a"));
        fleet.Edge.Origin.On("/a").Answer(Script.CloseAtOnce());
        var asked = fleet.Edge.GetAsync("/a");
        await Eventually.TrueAsync(() =>
        {
            fleet.Edge.Time.Advance(TimeSpan.FromMilliseconds(1)); // the log is not asked again at once
            return Task.FromResult(asked.IsCompleted);
        });
        Assert.Equal(504, (await asked).Status);
    }

    [Fact] // rule 22, V13
    public async Task A_write_is_in_the_log_only_once_the_origin_has_answered_it_and_works_here_before_its_answer()
    {
        await using var fleet = await StartAsync("eventual");
        var edge = fleet.Edge;
        await edge.GetAsync("/a");
        var gate = new Gate();
        edge.Origin.On("/a").Answer(request => request.Method == "POST"
            ? new Script().Wait(gate).Then("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            : Answers.Ok("new", edge.Date, "Cache-Control: max-age=600"));
        var write = edge.RequestAsync("POST", "/a", "Content-Length: 0");
        await gate.Reached;
        Assert.Equal(0, fleet.Log.Length);
        Assert.Equal("page", Latin1.Text((await edge.GetAsync("/a")).Body));
        gate.Open();
        Assert.Equal(200, (await write).Status);
        Assert.Equal("new", Latin1.Text((await edge.GetAsync("/a")).Body));
        await Eventually.TrueAsync(() => Task.FromResult(fleet.Log.Length == 1));
    }

    [Fact] // rule 22, L8
    public async Task Writes_that_come_fast_share_one_record()
    {
        await using var fleet = await StartAsync("eventual");
        fleet.Edge.Origin.Others.Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await fleet.Edge.RequestAsync("POST", "/first", "Content-Length: 0");
        await Eventually.TrueAsync(() => Task.FromResult(fleet.Log.Length == 1));
        for (var i = 0; i < 10; i++)
            await fleet.Edge.RequestAsync("POST", $"/{i}", "Content-Length: 0");
        Assert.Equal(1, fleet.Log.Length);
        await Eventually.TrueAsync(() =>
        {
            fleet.Edge.Time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(fleet.Log.Length > 1);
        });
        Assert.Equal(2, fleet.Log.Length);
        Assert.True(fleet.Log.Last.Record.Selectors.Count >= 10);
    }

    [Theory] // rules 22, 45: another route may cache what this one has written
    [InlineData("the route of its reads caches", "reads", "", 1)]
    [InlineData("the answer names what may be cached", "", "Location: /b", 1)]
    [InlineData("what reads it goes the same uncached way", "", "", 0)]
    public async Task A_write_on_a_route_without_a_policy_is_told_where_anybody_may_have_cached(string clause, string reads, string line, long told)
    {
        await using var fleet = await StartAsync("eventual", reads.Length > 0 ? [("", "reads")] : []);
        fleet.Edge.Origin.Others.Answer(request => request.Method == "POST" ? Answers.Head("201 Created", line.Length > 0 ? [line, "Content-Length: 0"] : ["Content-Length: 0"]) : Answers.Ok("x", "Cache-Control: max-age=600"));
        await fleet.Edge.RequestAsync("POST", "/api/item", "Content-Length: 0");
        await fleet.Edge.RequestAsync("POST", "/cached", "Content-Length: 0"); // one that is told in any case
        await Eventually.TrueAsync(() =>
        {
            fleet.Edge.Time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(fleet.Log.Length >= 1 && fleet.Log.Last.Record.Selectors.Any(selector => selector.Value.EndsWith("/cached", StringComparison.Ordinal)));
        });
        Assert.True(told == fleet.Log.Records.Count(record => record.Selectors.Any(selector => selector.Value.EndsWith("/api/item", StringComparison.Ordinal))), clause);
    }

    private static async Task<Started> StartAsync(string consistency, params (string Key, string Value)[] more)
    {
        FleetLog? log = null;
        var policy = more.Append(("Consistency", consistency)).ToDictionary(key => "DistCache:Policies:default:" + key.Item1, string? (key) => key.Item2);
        // Beside the cached route one that caches nothing; where that is for writes alone, its reads take the cached one.
        if (policy.Remove("DistCache:Policies:default:"))
            policy["ReverseProxy:Routes:api:Match:Methods:0"] = "POST";
        policy["ReverseProxy:Routes:api:ClusterId"] = "origin";
        policy["ReverseProxy:Routes:api:Match:Path"] = "/api/{**rest}";
        var edge = await EdgeInProcess.StartAsync(more: policy, configure: services => services.AddSingleton(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            return new FleetNode(log = new(time), null, provider.GetRequiredService<PurgeIndex>(), new() { Node = "one", Lease = new(Lease) }, time);
        }));
        var node = edge.Services.GetRequiredService<FleetNode>();
        await node.StartAsync(Lease);
        Assert.True(node.HoldsLease); // it has made the log
        edge.Origin.On("/a").Answer(Answers.Ok("page", edge.Date, "Cache-Control: max-age=600"));
        return new(edge, node, log!);
    }

    private sealed record Started(EdgeInProcess Edge, FleetNode Node, FleetLog Log) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Edge.DisposeAsync();
    }

    /// <summary>A log for several nodes; it may be out of reach, and take records whose bell nobody hears.</summary>
    private sealed class FleetLog(TimeProvider time) : MemoryPurgeLog(time)
    {
        private volatile bool _isCut;

        public bool IsCut
        {
            get => _isCut;
            set => _isCut = value;
        }

        public override bool IsLocal => false;

        public long Length
        {
            get
            {
                long length = 0;
                Locked(() => length = Head.Position);
                return length;
            }
        }

        public LogEntry Last
        {
            get
            {
                LogEntry? last = null;
                Locked(() => last = Entries[^1]);
                return last!;
            }
        }

        public IReadOnlyList<PurgeRecord> Records
        {
            get
            {
                PurgeRecord[] records = [];
                Locked(() => records = [.. Entries.Select(entry => entry.Record)]);
                return records;
            }
        }

        public void AppendUnheard(PurgeRecord record) => Locked(() => Add(new(Next(record), DateTimeOffset.UnixEpoch, record)));

        public override Task<BeatAnswer?> BeatAsync(Beat beat, CancellationToken cancel) => IsCut ? Task.FromResult<BeatAnswer?>(null) : base.BeatAsync(beat, cancel);
    }
}
