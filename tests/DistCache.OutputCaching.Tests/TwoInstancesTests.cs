using System.Net;
using DistCache.Storage.Purging;
using DistCache.TestKit;

namespace DistCache.OutputCaching.Tests;

/// <summary>Two instances of an app and one Redis.</summary>
public sealed class TwoInstancesTests : IAsyncLifetime
{
    private RedisProcess? _redis;
    private Instance? _one;
    private Instance? _two;

    private Instance One => _one!;

    private Instance Two => _two!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        _redis = await RedisProcess.StartAsync();
        _one = await Instance.StartAsync("one", _redis.ConnectionString);
        _two = await Instance.StartAsync("two", _redis.ConnectionString);
        await _one.WithLeaseAsync();
        await _two.WithLeaseAsync();
    }

    [Fact]
    public async Task What_one_has_rendered_the_other_serves()
    {
        Assert.Equal("a by one #1", await One.GetAsync("/page/a"));
        Assert.Equal("a by one #1", await One.GetAsync("/page/a"));
        Assert.Equal("a by one #1", await SharedAsync("/page/a"));
    }

    [Fact]
    public async Task A_large_page_comes_back_byte_for_byte()
    {
        var name = new string('x', 1000);
        var page = await One.GetAsync($"/page/{name}?1");
        Assert.Equal(page, await SharedAsync($"/page/{name}?1"));
        Assert.NotEqual(page, await Two.GetAsync($"/page/{name}?2"));
    }

    [Fact]
    public async Task An_eviction_at_one_reaches_the_other_before_it_returns_and_nothing_else_goes()
    {
        await One.GetAsync("/page/a");
        await One.GetAsync("/page/b");
        await SharedAsync("/page/a");
        await SharedAsync("/page/b");
        await Two.EvictAsync("a");
        Assert.Equal("a by one #3", await One.GetAsync("/page/a"));
        Assert.Equal("a by one #3", await SharedAsync("/page/a"));
        Assert.Equal("b by one #2", await One.GetAsync("/page/b"));
        Assert.Equal("b by one #2", await Two.GetAsync("/page/b"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_page_whose_rendering_began_before_an_eviction_is_kept_by_nobody_and_joined_by_nobody(bool atTheOther)
    {
        var (isRendering, mayEnd) = (Signal(), Signal());
        One.Rendering = async _ =>
        {
            isRendering.TrySetResult();
            await mayEnd.Task;
        };
        var began = One.GetAsync("/page/a");
        await isRendering.Task;
        await (atTheOther ? Two : One).EvictAsync("a");
        One.Rendering = _ => Task.CompletedTask;

        // Nobody who asks now gets that rendering, although it is under way.
        Assert.Equal("a by one #2", await One.GetAsync("/page/a"));
        mayEnd.SetResult();
        Assert.Equal("a by one #1", await began); // it asked before
        Assert.Equal("a by one #2", await One.GetAsync("/page/a"));
        Assert.Equal("a by one #2", await SharedAsync("/page/a"));
    }

    [Fact]
    public async Task A_crowd_at_one_instance_is_rendered_for_once()
    {
        var mayEnd = Signal();
        One.Rendering = _ => mayEnd.Task;
        var crowd = Enumerable.Range(0, 20).Select(_ => One.GetAsync("/page/a")).ToArray();
        await Eventually.TrueAsync(() => One.Arrived == crowd.Length); // a second rendering would be under way, or waiting, by now
        mayEnd.SetResult();
        Assert.All(await Task.WhenAll(crowd), page => Assert.Equal("a by one #1", page));
        Assert.Equal(1, One.Rendered);
    }

    [Fact]
    public async Task A_purge_of_the_fleet_by_URL_or_host_takes_pages_too()
    {
        await One.GetAsync("/page/a?x=1");
        await PurgeAsync(new PurgeSelector(PurgeScope.Url, $"http://{Instance.Host}/page/a?x=1"));
        Assert.Equal("a by one #2", await One.GetAsync("/page/a?x=1"));
        await PurgeAsync(new PurgeSelector(PurgeScope.Host, Instance.Host));
        Assert.Equal("a by one #3", await One.GetAsync("/page/a?x=1"));
    }

    [Fact] // rule 24: complete means that nobody is served what the purge named, whoever was the first to ask for it and how
    public async Task A_purge_reaches_a_page_whose_key_is_coarser_than_a_URL()
    {
        Assert.Equal("A by one #1", await One.GetAsync("/Page/A?y=2&x=1"));
        Assert.Equal("A by one #1", await One.GetAsync("/page/a?x=1&y=2"));
        await PurgeAsync(new PurgeSelector(PurgeScope.Url, $"http://{Instance.Host}/page/a?x=1&y=2"));
        Assert.Equal("a by one #2", await One.GetAsync("/page/a?x=1&y=2"));
        await PurgeAsync(new PurgeSelector(PurgeScope.Prefix, $"{Instance.Host}/PAGE/"));
        Assert.Equal("a by one #3", await One.GetAsync("/page/a?x=1&y=2"));
        Assert.Equal("a by one #4", await One.GetAsync("/any-host/a"));
        Assert.Equal("a by one #4", await One.GetAsync("/any-host/a", host: "b.test"));
        await PurgeAsync(new PurgeSelector(PurgeScope.Host, "b.test"));
        Assert.Equal("a by one #5", await One.GetAsync("/any-host/a", host: "b.test"));
    }

    [Fact] // what SetVaryByQuery is for
    public async Task Tracking_parameters_that_the_app_does_not_vary_by_do_not_make_pages_of_their_own()
    {
        Assert.Equal("a by one #1", await One.GetAsync("/any-host/a?utm_source=mail"));
        Assert.Equal("a by one #1", await One.GetAsync("/any-host/a?utm_source=ad"));
    }

    [Fact]
    public async Task When_the_log_is_out_of_reach_an_eviction_fails_and_pages_are_rendered_after_the_lease()
    {
        await One.GetAsync("/page/a");
        await _redis!.KillAsync();
        await Assert.ThrowsAsync<IOException>(() => One.EvictAsync("a"));
        await Eventually.TrueAsync(() => !One.Node.HoldsLease);
        var rendered = One.Rendered;
        await One.GetAsync("/page/a");
        await One.GetAsync("/page/a");
        Assert.Equal(rendered + 2, One.Rendered);
    }

    [Fact]
    public async Task An_instance_that_leaves_in_order_is_waited_for_no_longer()
    {
        await using (var three = await Instance.StartAsync("three", _redis!.ConnectionString, lease: TimeSpan.FromSeconds(5)))
            await One.EvictAsync("a"); // it counts from its first beat on, and answers; who has not watched it for a lease waits for that
        var start = TimeProvider.System.GetTimestamp();
        await One.EvictAsync("a");
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(4), "it was waited for");
    }

    [Fact]
    public async Task Without_Redis_at_the_start_an_app_starts_and_renders()
    {
        await using var alone = await Instance.StartAsync("alone", $"127.0.0.1:{Ports.Free()}");
        Assert.Equal("a by alone #1", await alone.GetAsync("/page/a"));
        Assert.Equal("a by alone #2", await alone.GetAsync("/page/a"));
        await Assert.ThrowsAsync<IOException>(() => alone.EvictAsync("a"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_one is not null)
            await _one.DisposeAsync();
        if (_two is not null)
            await _two.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task PurgeAsync(PurgeSelector selector)
    {
        var purge = await Two.Node.Fleet!.AppendAsync([selector], PurgeMode.Hard, "test", TestContext.Current.CancellationToken);
        Assert.NotNull(purge);
        Assert.True((await Two.Node.Fleet.WaitAsync(purge, region: null, TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).IsComplete);
    }

    /// <summary>From the second instance, once the first has written it behind its answer: never rendered there.</summary>
    private async Task<string> SharedAsync(string path)
    {
        Two.Rendering = _ => throw new InvalidOperationException("not written yet");
        try
        {
            var page = "";
            await Eventually.TrueAsync(async () => // it is written behind the answer, and nothing signals it
            {
                try
                {
                    page = await Two.GetAsync(path);
                    return true;
                }
                catch (HttpRequestException error) when (error.StatusCode == HttpStatusCode.InternalServerError)
                {
                    return false;
                }
            });
            return page;
        }
        finally
        {
            Two.Rendering = _ => Task.CompletedTask;
        }
    }
}
