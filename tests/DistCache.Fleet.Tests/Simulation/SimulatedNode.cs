using System.Collections.Concurrent;
using System.Globalization;
using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Proxy;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Fills;
using DistCache.Proxy.Hits;
using DistCache.Proxy.Hops;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Telemetry;
using DistCache.Semantics.Storing;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>
/// One run of an edge, all of it the product's own: <see cref="EdgeCache"/> and what it stands on, memory tier, shared tier, <see cref="FleetNode"/>.
/// Clocks, the ways to log, store and origin, and the thread that it runs on are the simulation's.
/// </summary>
internal sealed class SimulatedNode
{
    public static readonly TimeSpan LeaseLength = TimeSpan.FromSeconds(2);

    /// <summary>What a node has of its configuration, and nothing of its own state.</summary>
    private static readonly IServiceProvider Common = Build();
    private static readonly CachingOptions Caching = CachingOptions.For(Preset.Safe);
    private static readonly ConcurrentBag<MemoryTier> Tiers = [];

    private readonly ISimulated _world;
    private readonly Schedule _schedule;
    private readonly MemoryTier _memory;
    private readonly EdgeCache _edge;
    private readonly Endpoint _endpoint;

    public SimulatedNode(ISimulated world, string name, NodeParts parts)
    {
        (_world, _schedule, Name, Process, Link) = (world, world.Schedule, name, parts.Process, parts.Link);
        Run = parts.Run;
        var time = parts.Process;
        Index = new(parts.MostSelectors, PurgeIndex.MostPrefixes, world.Options.Index);
        Fleet = new(parts.Link, parts.Journal, Index, new() { Node = name, Run = parts.Run, Replaces = parts.Replaces, Lease = new(LeaseLength) }, time, world.Options.Rules);
        _memory = Tiers.TryTake(out var tier) ? tier : new(4 << 20);
        Purges = new(Index, Fleet, _memory, time, world.Options.Path);
        var policy = new CachePolicy("simulated", Caching) { Partition = world.Options.Partition };
        Fleet.FencesWhile(() => policy.Partition is not Partition.Serve);
        var identity = Common.GetRequiredService<NodeIdentity>();
        var shared = new SharedTier(parts.Store, parts.Store, parts.Store, Fleet, Index, new(), time);
        var services = Make<FillServices>(_memory, new UncacheableMarkers(time), Purges, new Parts(_memory, Purges), time, NullLogger<Fill>.Instance, shared);
        services.Starts = work => _schedule.Post(static work => ((IThreadPoolWorkItem)work!).Execute(), work);
        var delivery = new Delivery(identity, new HopSeal(Fleet), time);
        var requests = Make<FillRequests>(Purges, time);
        var own = new OwnAnswers(identity, time);
        Writes = Make<WriteInvalidation>(Index, Fleet, new WriteQueue(Index, Fleet, time, world.Options.Path), time);
        var passes = new PassPath(services, Writes, own);
        var fills = new FillAnswers(new(services), services, requests, new(services, requests, delivery), delivery, passes, Purges, services.Markers, own, time);
        _edge = Make<EdgeCache>(_memory, Purges, delivery, Make<HitServer>(_memory, Purges, time), fills, passes, own, Fleet, time);
        var route = new RouteModel(new RouteConfig { RouteId = "all", ClusterId = "origin", Match = new(), Metadata = new PolicyMetadata(policy, null) }, null, HttpTransformer.Default);
        _endpoint = new(AskOriginAsync, new(route), "all");
        _ = Fleet.StartAsync(TimeSpan.Zero);
    }

    public string Name { get; }

    public ulong Run { get; }

    public Process Process { get; }

    public SimulatedLink Link { get; }

    public FleetNode Fleet { get; }

    public PurgeIndex Index { get; }

    public PurgeCheck Purges { get; }

    public WriteInvalidation Writes { get; }

    /// <summary>Requests without an answer yet, with when they came.</summary>
    public Dictionary<int, long> Unanswered { get; } = [];

    /// <summary>Keys that lie in memory.</summary>
    public int Stored => _memory.Count;

    /// <summary>What a write makes invalid is not said after it: it was before.</summary>
    public bool SkipsInvalidation { get; set; }

    /// <summary>Answers out of memory with nobody asked.</summary>
    public int Hits { get; private set; }

    public override string ToString() => $"{Name} at {Fleet.Position} of {Fleet.Log:x4}, {Fleet.Regressions} regressions, {(Fleet.HoldsLease ? "with" : "without")} lease";

    /// <summary>The process is gone; its memory with it.</summary>
    public void Die()
    {
        Process.IsDead = true;
        Link.Leave();
        foreach (var response in _memory.Responses)
            _memory.Remove(response);
        Tiers.Add(_memory);
    }

    /// <summary>Asks for a page, by the way of every request.</summary>
    public async Task<HttpResponse?> AskAsync(int key, string method = "GET")
    {
        if (!Process.IsRunning)
            return null;
        var context = new DefaultHttpContext();
        var request = context.Request;
        (request.Method, request.Scheme, request.Host, request.Path, request.Protocol) = (method, "http", new("shop.example"), SimulatedOrigin.PathOf(key), "HTTP/1.1");
        var body = new MemoryStream();
        context.Response.Body = body;
        context.SetEndpoint(_endpoint);
        var (number, floors) = (_world.Floors.Came++, _world.Floors.Of(key));
        Unanswered.Add(number, _schedule.Now);
        try
        {
            await _edge.InvokeAsync(context);
            await context.Response.CompleteAsync();
        }
        catch (Exception e)
        {
            _world.Fail($"{Name} threw {e}");
        }
        Unanswered.Remove(number);
        var response = context.Response;
        var status = response.Headers["Cache-Status"].ToString();
        if (response.StatusCode != StatusCodes.Status200OK)
            _world.Fail($"{Name} answered {response.StatusCode} ({status})");
        else if (method == "GET")
            _world.Floors.Served(_world, Name, key, int.Parse(body.GetBuffer().AsSpan(0, (int)body.Length), CultureInfo.InvariantCulture), isFresh: !status.Contains("stale-while-revalidate", StringComparison.Ordinal), floors, status);
        Hits += status.Contains("; hit", StringComparison.Ordinal) ? 1 : 0;
        return response;
    }

    /// <summary>As the admin API does for who waits: appended, then watched until it is complete.</summary>
    public async Task PurgeAsync(PurgeRecord record, Action? appended, Action acknowledged)
    {
        try
        {
            if (await Fleet.AppendAsync(record, CancellationToken.None) is not { } taken)
                return;
            appended?.Invoke();
            while (!(await Fleet.WaitAsync(taken, null, TimeSpan.FromSeconds(10), CancellationToken.None)).IsComplete)
            {
            }
            acknowledged();
        }
        catch (Exception e)
        {
            _world.Fail($"{Name} threw {e}");
        }
    }

    private async Task AskOriginAsync(HttpContext context)
    {
        await _world.Origin.AnswerAsync(context, Process);
        if (context.Features.Get<OriginExchange>() is null && !SkipsInvalidation) // what the transforms do on a pass
            Writes.Apply(context.Request, context.Response.StatusCode, context.Response.Headers, EdgeCache.PolicyOf(EdgeCache.RouteOf(context)!));
    }

    private static T Make<T>(params object[] own) => ActivatorUtilities.CreateInstance<T>(Common, own);

    private static ServiceProvider Build()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ReverseProxy:Routes:all:ClusterId"] = "origin",
            ["ReverseProxy:Routes:all:Match:Path"] = "/{**rest}",
            ["ReverseProxy:Clusters:origin:Destinations:one:Address"] = "http://origin.example",
        }).Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddEdgeProxy(configuration, new NodeIdentity("simulated"), 1 << 20, new EdgeLimits(1 << 20));
        return services.BuildServiceProvider();
    }
}

/// <summary>What a run of a node is given.</summary>
internal sealed record NodeParts(Process Process, SimulatedLink Link, SimulatedStore Store, IJournal Journal, ulong Run)
{
    /// <summary>The run before.</summary>
    public ulong Replaces { get; init; }

    public int MostSelectors { get; init; } = PurgeIndex.MostSelectors;
}

/// <summary>Where a node stands.</summary>
internal interface ISimulated
{
    Schedule Schedule { get; }

    SimulationOptions Options { get; }

    SimulatedOrigin Origin { get; }

    Floors Floors { get; }

    void Fail(string what);
}
