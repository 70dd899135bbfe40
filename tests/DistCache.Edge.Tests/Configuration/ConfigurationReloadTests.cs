using DistCache.Edge.Certificates;
using DistCache.Edge.CommandLine;
using DistCache.Edge.Configuration;
using DistCache.Edge.Hosts;
using DistCache.Edge.Tests.Kit;
using DistCache.Proxy;
using DistCache.Proxy.Configuration;
using DistCache.Storage.Memory;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Edge.Tests.Configuration;

public sealed class ConfigurationReloadTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ConfigurationHealth _health;
    private WebApplication? _host;

    public ConfigurationReloadTests() => _health = new(_time);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        _folder.Dispose();
    }

    private static string Site(string path, string lifetime = "1s") => $$"""
        { "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Match": { "Path": "{{path}}" }, "OutputCachePolicy": "p" } },
            "Clusters": { "c": { "Destinations": { "d": { "Address": "http://127.0.0.1:1/" } } } } },
          "DistCache": { "Policies": { "p": { "Lifetimes": { "404": "{{lifetime}}" } } } } }
        """;

    [Fact]
    public async Task New_content_counts_once_two_reads_in_a_row_agree()
    {
        var reload = Start(Site("/one"));
        _folder.Write("site.json", Site("/two"));
        await reload.LookAsync();
        Assert.Equal("/one", Path());
        _folder.Write("site.json", Site("/three"));
        await reload.LookAsync();
        Assert.Equal("/one", Path());
        await reload.LookAsync();
        Assert.Equal("/three", Path());
        Assert.Equal((1, 0, true), (_health.Taken, _health.Rejected, _health.IsGood));
    }

    [Fact]
    public async Task A_policy_alone_is_taken_over_and_its_route_carries_it()
    {
        var reload = Start(Site("/"));
        var before = Current().Routes[0].Metadata!["DistCache.Policy.Revision"];
        _folder.Write("site.json", Site("/", lifetime: "9s"));
        Assert.Empty(await reload.ReloadAsync());
        Assert.Equal(TimeSpan.FromSeconds(9), Current().Policies.Find("p")!.Caching.LifetimePerStatus[404]);
        Assert.NotEqual(before, Current().Routes[0].Metadata!["DistCache.Policy.Revision"]);
    }

    [Theory]
    [InlineData("""{ "ReverseProxy": """, "is not valid JSON at line 1")]
    [InlineData("""[ "A" ]""", "is not a configuration file")]
    [InlineData("", "is not valid JSON at line 1")]
    [InlineData("""{ "DistCache": { "Policies": { "p": { "Preset": "bold" } } } }""", "site.json: DistCache:Policies:p:Preset: 'bold' is not a preset")]
    [InlineData("""{ "DistCache": { "Memory": { "Capacity": "lots" } } }""", "DistCache:Memory:Capacity: 'lots' is not a size")]
    [InlineData("""{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Match": { "Path": "/{x" } } }, "Clusters": { "c": { } } } }""", "site.json: ReverseProxy:Routes:a: Invalid path '/{x'")]
    [InlineData("""{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "d", "Match": { "Path": "/" } } }, "Clusters": { "c": { } } } }""", "site.json: ReverseProxy:Routes:a:ClusterId: there is no cluster 'd'")]
    [InlineData("""{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Order": "first", "Match": { "Path": "/" } } }, "Clusters": { "c": { } } } }""", "ReverseProxy: ")]
    [InlineData("""{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Match": { "Path": "/" }, "OutputCachePolicy": "q" } }, "Clusters": { "c": { } } } }""", "there is no policy 'q'")]
    [InlineData("""{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Match": { "Path": "/" }, "OutputCachePolicy": "p" } }, "Clusters": { "c": { "SessionAffinity": { "Enabled": true, "AffinityKeyName": "k" } } } }, "DistCache": { "Policies": { "p": { } } } }""", "site.json: ReverseProxy:Clusters:c:SessionAffinity: a route with a cache policy ('a') cannot use it")]
    public async Task A_file_that_cannot_be_used_keeps_the_last_good_configuration_and_says_why_once(string broken, string error)
    {
        var reload = Start(Site("/one"));
        _time.Advance(TimeSpan.FromMinutes(5));
        _folder.Write("site.json", broken);
        for (var i = 0; i < 5; i++)
            await reload.LookAsync();
        Assert.Equal("/one", Path());
        Assert.Equal((0, 1, false), (_health.Taken, _health.Rejected, _health.IsGood));
        Assert.Contains(_health.Errors, line => line.Contains(error, StringComparison.Ordinal));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), _health.LastGoodAt);

        _folder.Write("site.json", Site("/two"));
        await reload.LookAsync();
        await reload.LookAsync();
        Assert.Equal("/two", Path());
        Assert.True(_health.IsGood);
    }

    [Fact]
    public async Task Another_capacity_is_taken_without_a_restart()
    {
        var reload = Start(Site("/one"));
        var tier = _host!.Services.GetRequiredService<MemoryTier>();
        foreach (var (capacity, bytes) in ((string, long)[])[("8MiB", 8 << 20), ("64MiB", 64 << 20), ("1MiB", 1 << 20)])
        {
            _folder.Write("site.json", Site("/one").Replace("\"DistCache\": {", $"\"DistCache\": {{ \"Memory\": {{ \"Capacity\": \"{capacity}\", \"MaxObjectSize\": \"500KiB\" }},", StringComparison.Ordinal));
            Assert.Empty(await reload.ReloadAsync());
            Assert.Equal(bytes, tier.Pool.Capacity); // at once: nobody is here who would have to leave
            Assert.Equal(500 << 10, _host.Services.GetRequiredService<EdgeLimits>().MaxObjectSize);
        }
    }

    [Fact]
    public async Task All_errors_are_told_at_once()
    {
        var reload = Start(Site("/one"));
        _folder.Write("site.json", Site("/{x", lifetime: "soon").Replace("\"p\" }", "\"q\" }", StringComparison.Ordinal));
        var errors = await reload.ReloadAsync();
        Assert.Equal(3, errors.Count);
        Assert.All(errors, line => Assert.Contains("site.json: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mistake_taken_back_is_good_again_without_a_reload()
    {
        var reload = Start(Site("/one"));
        _folder.Write("site.json", "{");
        await reload.ReloadAsync();
        Assert.False(_health.IsGood);
        _folder.Write("site.json", Site("/one"));
        await reload.ReloadAsync();
        Assert.Equal((true, 0), (_health.IsGood, _health.Taken));
    }

    [Fact]
    public async Task A_file_that_goes_away_keeps_the_last_good_configuration()
    {
        var reload = Start(Site("/one"));
        File.Delete(System.IO.Path.Combine(_folder.Path, "site.json"));
        await reload.LookAsync();
        await reload.LookAsync();
        Assert.Equal("/one", Path());
        Assert.Contains("does not exist", Assert.Single(_health.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_added_to_config_brings_its_routes_and_takes_them_when_it_goes()
    {
        var reload = Start(Site("/one"));
        Directory.CreateDirectory(System.IO.Path.Combine(_folder.Path, "config"));
        _folder.Write("config/more.json", """{ "ReverseProxy": { "Routes": { "b": { "ClusterId": "c", "Match": { "Path": "/b" } } } } }""");
        Assert.Empty(await reload.ReloadAsync());
        Assert.Equal(["a", "b"], Current().Routes.Select(route => route.RouteId));
        File.Delete(System.IO.Path.Combine(_folder.Path, "config", "more.json"));
        Assert.Empty(await reload.ReloadAsync());
        Assert.Equal(["a"], Current().Routes.Select(route => route.RouteId));
    }

    [Fact]
    public async Task A_symbolic_link_turned_to_another_file_is_seen()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Symbolic links need a privilege on Windows.");
        var reload = Start(Site("/one"));
        var path = System.IO.Path.Combine(_folder.Path, "site.json");
        File.Delete(path);
        File.CreateSymbolicLink(path, _folder.Write("other", Site("/two")));
        await reload.LookAsync();
        await reload.LookAsync();
        Assert.Equal("/two", Path());
    }

    [Fact]
    public async Task Two_secret_files_for_one_key_keep_the_last_good_configuration_and_are_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Such files cannot lie side by side on Windows.");
        Directory.CreateDirectory(System.IO.Path.Combine(_folder.Path, "secrets"));
        _folder.Write("secrets/Kestrel__Certificates__Default__Password", "a");
        string With(string path) => Site(path).Replace("\"DistCache\": {", "\"DistCache\": { \"Secrets\": \"secrets\",", StringComparison.Ordinal);
        var reload = Start(With("/one"));
        var other = _folder.Write("secrets/kestrel__certificates__default__password", "b");
        _folder.Write("site.json", With("/two"));
        await reload.LookAsync();
        await reload.LookAsync();
        Assert.Equal("/one", Path());
        Assert.Contains("for one key, ", Assert.Single(_health.Errors), StringComparison.Ordinal);

        File.Delete(other);
        Assert.Empty(await reload.ReloadAsync());
        Assert.Equal("/two", Path());
        Assert.True(_health.IsGood);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_a_reload_throws_turns_health_yellow_and_stays_told(bool isAsked)
    {
        var reload = Start(Site("/one"));
        await _host!.DisposeAsync(); // what it is to be put into is gone
        _folder.Write("site.json", Site("/two"));
        if (isAsked)
            Assert.NotEmpty(await reload.ReloadAsync());
        for (var i = 0; i < 4; i++)
            await reload.LookAsync();
        Assert.Equal((false, 1), (_health.IsGood, _health.Rejected));
        Assert.Contains("The configuration could not be looked at (", Assert.Single(_health.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_cannot_even_be_listed_are_told_once_and_are_good_again_by_themselves()
    {
        List<string> named = [_folder.Write("site.json", Site("/one"))];
        var reload = Start(named);
        named.Add("\0"); // no path of any system
        for (var i = 0; i < 4; i++)
            await reload.LookAsync();
        Assert.Equal((false, 1), (_health.IsGood, _health.Rejected));
        Assert.NotEmpty(await reload.ReloadAsync());

        named.RemoveAt(1);
        await reload.LookAsync();
        await reload.LookAsync();
        Assert.Equal((true, "/one"), (_health.IsGood, Path()));
    }

    private ConfigurationReload Start(string site) => Start([_folder.Write("site.json", site)]);

    private ConfigurationReload Start(IReadOnlyList<string> named)
    {
        var sources = new ConfigurationSources(new EdgeArguments { Config = named }, _folder.Path, []);
        var files = sources.ReadFiles();
        var configuration = sources.Read(files);
        var start = StartOptions.Read(configuration);
        var certificates = new CertificateStore(_folder.Path, NullLogger.Instance, _time);
        Assert.Empty(configuration.Complaints);
        var resolved = ResolvedConfiguration.Build(configuration.Root, start.Node, start.Memory, demoOrigin: null);
        _host = DataHost.Build(start.Endpoints, certificates, new NodeIdentity(null), start.Memory, resolved.Root, NullLoggerFactory.Instance, _folder.Path);
        return new(sources, files, resolved, start, certificates, _host.Services.GetRequiredService<ProxyConfiguration>(), _host.Services, _health, NullLogger.Instance, _time);
    }

    private ProxySnapshot Current() => _host!.Services.GetRequiredService<ProxyConfiguration>().Current;

    private string? Path() => Current().Routes[0].Match.Path;
}
