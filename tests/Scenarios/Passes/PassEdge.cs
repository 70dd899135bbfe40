using System.Text.Json;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Passes;

/// <summary>
/// One edge in front of many origins that are played by hand. Each has two routes: <c>/{n}/plain/...</c> without a policy, and
/// <c>/{n}/cached/...</c> with one. A test takes the next origin, so that no connection is left over from another test.
/// </summary>
public sealed class PassEdge : IAsyncLifetime
{
    private const int Origins = 64;
    private readonly HandOrigin[] _origins = [.. Enumerable.Range(0, Origins).Select(_ => HandOrigin.Start())];
    private EdgeProcess? _edge;
    private int _taken = -1;

    public EdgeProcess Edge => _edge ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() =>
        _edge = await EdgeProcess.StartAsync(new EdgeStart { Configuration = Configuration(), Tls = true });

    /// <summary>An origin that no other test speaks to, and the prefix of its targets.</summary>
    /// <param name="kind"><c>plain</c> or <c>cached</c>.</param>
    public (HandOrigin Origin, string Prefix) Take(string kind = "plain")
    {
        var index = Interlocked.Increment(ref _taken);
        return (_origins[index], $"/{index}/{kind}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_edge is not null)
            await _edge.DisposeAsync();
        foreach (var origin in _origins)
            await origin.DisposeAsync();
    }

    private string Configuration()
    {
        var routes = new Dictionary<string, object>();
        var clusters = new Dictionary<string, object>();
        for (var i = 0; i < Origins; i++)
        {
            var cluster = $"o{i}";
            routes[$"plain{i}"] = new { ClusterId = cluster, Match = new { Path = $"/{i}/plain/{{**rest}}" } };
            routes[$"cached{i}"] = new { ClusterId = cluster, OutputCachePolicy = "all", Match = new { Path = $"/{i}/cached/{{**rest}}" } };
            clusters[cluster] = new
            {
                Destinations = new { d = new { Address = _origins[i].Url.ToString() } },
                HttpRequest = new { Version = "1.1", VersionPolicy = "RequestVersionOrLower" },
            };
        }

        return JsonSerializer.Serialize(new
        {
            DistCache = new { Policies = new { all = new { Preset = "safe" } } },
            ReverseProxy = new { Routes = routes, Clusters = clusters },
        });
    }
}
