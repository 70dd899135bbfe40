using DistCache.Edge.Admin;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Certificates;
using DistCache.Edge.Configuration;
using DistCache.Edge.Hosts;
using DistCache.Edge.Node;
using DistCache.Proxy;
using DistCache.Proxy.Explaining;
using DistCache.Proxy.Purging;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DistCache.Edge.Tests.Kit;

/// <summary>A node alone with its admin port, in this process; its data ports are built and not opened.</summary>
internal sealed class AdminNode : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _data;
    private readonly WebApplication _admin;

    private AdminNode(ApiKeys keys, int rate, (string, string?)[] configuration)
    {
        var read = Reading.Of(_folder, configuration);
        var start = StartOptions.Read(read);
        Assert.Empty(read.Complaints);
        var resolved = ResolvedConfiguration.Build(read.Root, start.Node, start.Memory, demoOrigin: null);
        _data = DataHost.Build(start.Endpoints, new(_folder.Path, NullLogger.Instance, TimeProvider.System), new NodeIdentity(null), start.Memory, resolved.Root, NullLoggerFactory.Instance, _folder.Path);
        Purges = _data.Services.GetRequiredService<Purges>();
        State = new() { Purges = Purges, Explainer = _data.Services.GetRequiredService<IExplainer>(), Phase = NodePhase.Ready };
        _admin = AdminHost.Build(new(Listen) { Keys = keys, Rate = rate }, State, new ConfigurationBuilder().Build(), NullLoggerFactory.Instance, AppContext.BaseDirectory);
    }

    public Purges Purges { get; }

    public NodeState State { get; }

    public Uri Address { get; private set; } = null!;

    /// <summary>All that was purged, the newest first.</summary>
    public IEnumerable<PurgeSelector> Purged => Purges.Latest(long.MaxValue, 1_000).SelectMany(receipt => receipt.Selectors);

    private static ListenAddress Listen => new(IsHttps: false, "127.0.0.1", 0);

    public static Task<AdminNode> StartAsync(params (string, string?)[] configuration) => StartAsync(ApiKeys.None, configuration);

    public static Task<AdminNode> StartAsync(ApiKeys keys, params (string, string?)[] configuration) => StartAsync(keys, 100, configuration);

    public static async Task<AdminNode> StartAsync(ApiKeys keys, int rate, params (string, string?)[] configuration)
    {
        var node = new AdminNode(keys, rate, configuration);
        await node._admin.StartAsync(TestContext.Current.CancellationToken);
        node.Address = new(node._admin.Bound([Listen])[0].ToString());
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _data.DisposeAsync();
        _folder.Dispose();
    }
}
