using DistCache.Fleet.Logs;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Tests.Hops.Kit;
using DistCache.Storage.Purging;
using DistCache.TestKit;
using Microsoft.Extensions.Time.Testing;
using FleetNode = DistCache.Fleet.FleetNode;

namespace DistCache.Proxy.Tests.Purging;

/// <summary>Rule 22: what writes have made invalid comes to the log coalesced, bounded, and before the node leaves.</summary>
public sealed class WriteQueueTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly PurgeIndex _purges = new();
    private readonly MemoryPurgeLog _log;
    private readonly LogWay _way;
    private readonly FleetNode _fleet;
    private readonly WriteQueue _queue;

    public WriteQueueTests()
    {
        _way = new(_log = new(_time));
        _fleet = new(_way, null, _purges, new() { Node = "a" }, _time);
        _queue = new(_purges, _fleet, _time);
    }

    [Fact]
    public async Task What_waits_for_the_next_record_is_sent_at_once_when_the_node_stops()
    {
        await _fleet.StartAsync(Patience);
        _queue.Apply([Url("http://a.test/1")]);
        await Eventually.TrueAsync(() => _fleet.Position == 1);
        _queue.Apply([Url("http://a.test/2")]); // its record is not due yet, and time stands still
        Assert.Empty(await _queue.FlushAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(["http://a.test/1", "http://a.test/2"], (await RecordsAsync()).SelectMany(record => record.Selectors).Select(selector => selector.Value));
    }

    [Fact]
    public async Task What_the_log_has_not_taken_by_then_is_told()
    {
        await _fleet.StartAsync(Patience);
        _way.IsCut = true;
        _queue.Apply([Url("http://a.test/1")]);
        await Eventually.TrueAsync(() => _queue.Waiting == 0); // on its way
        _queue.Apply([Url("http://a.test/2")]);
        Assert.Equal(["http://a.test/1", "http://a.test/2"], (await _queue.FlushAsync(new(canceled: true))).Select(selector => selector.Value));
    }

    [Fact]
    public async Task With_nothing_to_tell_a_stop_waits_for_nothing() =>
        Assert.Empty(await _queue.FlushAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken));

    [Fact] // the catch-all route takes any Host, and with the log away nothing leaves
    public async Task More_hosts_than_may_wait_become_everything()
    {
        await _fleet.StartAsync(Patience);
        _way.IsCut = true;
        for (var i = 0; i < WaitingSelectors.Most; i++)
            _queue.Apply([Url($"http://{i}.test/a"), Url($"http://{i}.test/b")]);
        Assert.InRange(_queue.Waiting, WaitingSelectors.Most / 2, WaitingSelectors.Most); // whole hosts by now
        for (var i = 0; i < 2 * WaitingSelectors.Most; i++)
            _queue.Apply([Url($"http://other-{i}.test/")]);
        Assert.Equal(1, _queue.Waiting);
        _way.IsCut = false;
        var flushed = _queue.FlushAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1)); // what was refused is tried again after a pause
            return flushed.IsCompleted;
        });
        Assert.Contains(PurgeSelector.Everything, (await RecordsAsync())[^1].Selectors);
        _queue.Apply([Url("http://a.test/1")]); // and from now on it is exact again
        Assert.Empty(await _queue.FlushAsync(TestContext.Current.CancellationToken));
        Assert.Equal([Url("http://a.test/1")], (await RecordsAsync())[^1].Selectors);
    }

    [Fact]
    public void Too_many_URLs_become_their_hosts()
    {
        var waiting = new WaitingSelectors();
        for (var i = 0; i <= WaitingSelectors.Most; i++)
            waiting.Add([Url($"https://a.test:8443/{i}")]);
        Assert.Equal([new(PurgeScope.Host, "a.test:8443")], waiting.Take());
        Assert.Equal(0, waiting.Count);
    }

    [Fact] // 8 KB of query with each of 100 POSTs a second would be GBs an hour, in the log and in every node
    public void No_record_is_longer_than_its_bound_and_nothing_is_left_out()
    {
        var waiting = new WaitingSelectors();
        var urls = Enumerable.Range(0, 100).Select(i => Url($"http://a.test/?{i}{new string('x', 8_000)}")).ToArray();
        waiting.Add(urls);
        var told = new List<PurgeSelector>();
        while (waiting.Count > 0)
        {
            var record = waiting.Take();
            Assert.InRange(record.Sum(selector => selector.Value.Length), 1, WaitingSelectors.LongestRecord);
            told.AddRange(record);
        }
        Assert.Equal(urls.ToHashSet(), told.ToHashSet());
    }

    [Fact] // as long as they come faster than they leave
    public void The_oldest_leave_first()
    {
        var waiting = new WaitingSelectors();
        for (var i = 0; i < 60; i += 3)
        {
            waiting.Add(Enumerable.Range(i, 3).Select(number => Url($"http://a.test/{number:d2}?{new string('x', 8_000)}")));
            Assert.Equal([$"/{i / 3 * 2:d2}", $"/{(i / 3 * 2) + 1:d2}"], waiting.Take().Select(selector => selector.Value["http://a.test".Length..][..3]));
        }
    }

    [Fact]
    public void Too_long_ones_become_their_hosts()
    {
        var waiting = new WaitingSelectors();
        for (var i = 0; i < 200; i++)
            waiting.Add([Url($"http://a.test/?{i}{new string('x', 8_000)}")]); // more than a megabyte
        Assert.Equal([new(PurgeScope.Host, "a.test")], waiting.Take());
        waiting.Add([Url("http://a.test/" + new string('x', WaitingSelectors.LongestRecord))]);
        Assert.Equal([new(PurgeScope.Host, "a.test")], waiting.Take());
    }

    public async ValueTask DisposeAsync()
    {
        await _fleet.DisposeAsync();
        await _log.DisposeAsync();
    }

    private async Task<PurgeRecord[]> RecordsAsync() =>
        [.. (await _log.ReadBackAsync(long.MaxValue, int.MaxValue, TestContext.Current.CancellationToken))!.Select(entry => entry.Record)];

    private static PurgeSelector Url(string url) => new(PurgeScope.Url, url);
}
