using DistCache.Fleet;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Tests.Hops.Kit;
using DistCache.Proxy.Tests.Kit;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;
using FleetNode = DistCache.Fleet.FleetNode;

namespace DistCache.Proxy.Tests.Floor;

/// <summary>
/// Whole edges of one fleet in this process, of which a rule may be off, in front of an origin with versions. What is read and what is purged is
/// written down as a run over real processes does it, for the same checker.
/// </summary>
internal sealed class FloorFleet(FloorRules rules) : IAsyncDisposable
{
    /// <summary>The page that everything is about, and one that nobody reads.</summary>
    private const int Page = 0, Other = 1;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    /// <summary>More than a lease and two margins, twice over.</summary>
    private const int MostSeconds = 30;

    private readonly List<FloorEdge> _edges = [];
    private readonly List<FloorRead> _reads = [];
    private readonly List<FloorWrite> _writes = [];
    private readonly List<FloorPurge> _purges = [];
    private readonly List<TaskCompletionSource> _held = [];
    private ForgetfulLog? _log;
    private long _tick;

    public SkewedClock Time { get; } = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public VersionedOrigin Origin { get; } = VersionedOrigin.Start(keys: 2);

    public ForgetfulLog Log => _log ??= new(Time);

    /// <summary>Edges that serve from memory.</summary>
    public async Task<(FloorEdge One, FloorEdge Another)> StartTwoAsync()
    {
        var edges = (await StartAsync("one"), await StartAsync("another"));
        await PassUntilAsync(() => _edges.All(edge => edge.Node.HoldsLease && edge.Node.Members().Count == _edges.Count));
        foreach (var edge in _edges)
            await PurgeOtherAsync(edge); // each has watched the other for long enough: from now on a purge waits for nothing but the other
        return edges;
    }

    public async Task<FloorEdge> StartAsync(string name)
    {
        var (way, index) = (new LogWay(Log), new PurgeIndex(PurgeIndex.MostSelectors, PurgeIndex.MostPrefixes, rules.Index));
        var node = new FleetNode(way, null, index, new() { Node = name, Lease = new(Lease) }, Time, rules.Protocol);
        var edge = await EdgeInProcess.StartAsync(sharedOrigin: Origin.Script, clock: Time, node: name, configure: services =>
            services.AddSingleton(index).AddSingleton(node).AddSingleton<IStampClock>(node)
                .AddSingleton(provider => new PurgeCheck(index, node, provider.GetRequiredService<MemoryTier>(), provider.GetRequiredService<TimeProvider>(), rules.Path)));
        await node.StartAsync(TimeSpan.FromSeconds(2));
        var started = new FloorEdge(edge, node, way);
        _edges.Add(started);
        return started;
    }

    public void Write() => _writes.Add(new(++_tick, Page, Origin.Bump(Page)));

    /// <summary>From now on a beat of this edge reaches the log, and what follows from the answer is to be done yet.</summary>
    public void Hold(FloorEdge edge)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        edge.Way.Answers = () => gate.Task;
        _held.Add(gate);
    }

    /// <summary>The page, as a client gets it.</summary>
    public async Task ReadAsync(FloorEdge edge)
    {
        var invoked = Interlocked.Increment(ref _tick);
        var answer = await edge.Edge.GetAsync(VersionedPage.TargetOf(Page));
        Assert.Equal(200, answer.Status);
        var isStale = answer.Field("Cache-Status")!.Contains("detail=stale-", StringComparison.Ordinal);
        _reads.Add(new(invoked, Interlocked.Increment(ref _tick), VersionedPage.Parse(answer.Body)!.Version, Page, (short)_edges.IndexOf(edge), !isStale));
    }

    /// <summary>Purges the page, and waits until that is complete.</summary>
    public async Task PurgeAsync(FloorEdge by, PurgeMode mode = PurgeMode.Hard) => await CompleteAsync(await AppendAsync(by, mode));

    public Task<Appending> AppendAsync(FloorEdge by, PurgeMode mode = PurgeMode.Hard) => AppendAsync(by, Page, mode);

    public async Task PurgeOtherAsync(FloorEdge by) => await CompleteAsync(await AppendAsync(by, Other, PurgeMode.Hard));

    public Task<Appending> AppendOtherAsync(FloorEdge by) => AppendAsync(by, Other, PurgeMode.Hard);

    public async Task CompleteAsync(Appending purge)
    {
        await PassUntilAsync(() => purge.By.Node.ProgressOf(purge.Appended).IsComplete);
        _purges.Add(new(++_tick, purge.Key, purge.Version, purge.Mode is PurgeMode.Soft));
    }

    /// <summary>What was begun there is over.</summary>
    public static Task EndedAsync(FloorEdge edge) => Eventually.TrueAsync(() => edge.Edge.Services.GetRequiredService<FillServices>().UnderWay == 0);

    public IReadOnlyList<FloorViolation> Check() => FloorChecker.Check([.. _reads], [.. _writes], [.. _purges]);

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _held)
            gate.TrySetResult();
        foreach (var edge in _edges)
        {
            await edge.Edge.DisposeAsync();
            await edge.Node.DisposeAsync();
        }
        await Origin.DisposeAsync();
    }

    private async Task<Appending> AppendAsync(FloorEdge by, int key, PurgeMode mode)
    {
        var version = Origin.VersionOf(key);
        var appended = await by.Node.AppendAsync([new(PurgeScope.Url, $"http://test{VersionedPage.TargetOf(key)}")], mode, "test", TestContext.Current.CancellationToken);
        return new(by, appended!, (short)key, version, mode);
    }

    /// <summary>A second goes by, and everybody who can beats.</summary>
    private async Task PassUntilAsync(Func<bool> condition)
    {
        for (var second = 0; !condition(); second++)
        {
            Assert.True(second < MostSeconds, $"not so after {MostSeconds} s");
            var before = _edges.Select(edge => edge.Way.Beats).ToArray();
            Time.Advance(TimeSpan.FromSeconds(1));
            var looks = 0;
            await Eventually.TrueAsync(() =>
            {
                // Who had not begun to wait when the second went by waits for another one.
                if (++looks % 200 == 0)
                    Time.Advance(TimeSpan.FromMilliseconds(250));
                return condition() || _edges.Select((edge, i) => edge.Way.IsHeld || edge.Way.Beats > before[i]).All(hasBeaten => hasBeaten);
            });
        }
    }

    internal sealed record Appending(FloorEdge By, Appended Appended, short Key, long Version, PurgeMode Mode);
}

internal sealed record FloorEdge(EdgeInProcess Edge, FleetNode Node, LogWay Way);
