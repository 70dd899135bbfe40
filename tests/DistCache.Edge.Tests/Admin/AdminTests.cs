using System.Net;
using DistCache.Edge.Admin;
using DistCache.Edge.Hosts;
using DistCache.Edge.Node;
using DistCache.Edge.Tests.Kit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace DistCache.Edge.Tests.Admin;

public sealed class AdminTests
{
    [Fact]
    public async Task Health_is_told_by_phase_and_nothing_else_is_there()
    {
        var state = new NodeState();
        var listen = new ListenAddress(IsHttps: false, "127.0.0.1", 0);
        await using var host = AdminHost.Build(new(listen), state, new ConfigurationBuilder().Build(), NullLoggerFactory.Instance, AppContext.BaseDirectory);
        await host.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(host.Bound([listen])[0].ToString()) };

        Assert.Equal((HttpStatusCode.OK, "ok\n"), await Get("/healthz"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "starting\n"), await Get("/readyz"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "starting\n"), await Get("/startupz"));
        state.Phase = NodePhase.Ready;
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await Get("/readyz"));
        state.Phase = NodePhase.Draining;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining\n"), await Get("/readyz"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await Get("/healthz"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await Get("/livez"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await Get("/startupz"));
        Assert.Equal((HttpStatusCode.NotFound, ""), await Get("/"));
        Assert.Equal((HttpStatusCode.NotFound, ""), await Get("/healthz/more"));

        using var post = await client.PostAsync("/healthz", content: null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);

        async Task<(HttpStatusCode, string)> Get(string path)
        {
            using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_rejected_configuration_turns_healthz_yellow_with_every_line_and_leaves_the_node_ready()
    {
        var state = new NodeState { Phase = NodePhase.Ready };
        var listen = new ListenAddress(IsHttps: false, "127.0.0.1", 0);
        await using var host = AdminHost.Build(new(listen), state, new ConfigurationBuilder().Build(), NullLoggerFactory.Instance, AppContext.BaseDirectory);
        await host.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(host.Bound([listen])[0].ToString()) };
        state.Configuration.Reject(["site.json: one", "site.json: two"]);

        using var text = await client.GetAsync("/healthz", TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "yellow\nconfiguration: site.json: one\nconfiguration: site.json: two\n"), (text.StatusCode, await text.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal("ready\n", await client.GetStringAsync("/readyz", TestContext.Current.CancellationToken));
        client.DefaultRequestHeaders.Accept.Add(new("application/json"));
        Assert.StartsWith("""{"status":"yellow","phase":"ready","details":{""", await client.GetStringAsync("/healthz", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("""{"status":"yellow","problems":["site.json: one","site.json: two"]}""", await client.GetStringAsync("/healthz", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        state.Configuration.Restore();
        Assert.StartsWith("""{"status":"green",""", await client.GetStringAsync("/healthz", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:9090", "DistCache:Admin:Listen: 'http://0.0.0.0:9090' is not a loopback address, and the admin port asks nobody for a key. Use 127.0.0.1, [::1] or localhost, or configure DistCache:Admin:Keys.")]
    [InlineData("http://*:9090", "DistCache:Admin:Listen: 'http://*:9090' is not a loopback address, and the admin port asks nobody for a key. Use 127.0.0.1, [::1] or localhost, or configure DistCache:Admin:Keys.")]
    [InlineData("https://127.0.0.1:9090", "DistCache:Admin:Listen: 'https://127.0.0.1:9090' is https, and the admin port speaks http. Write http://, a loopback address and a port, as in http://127.0.0.1:9090.")]
    [InlineData("http://127.0.0.1:8080", "DistCache:Admin:Listen: port 8080 is a data port too. Give the admin port a port of its own.")]
    [InlineData("9090", "DistCache:Admin:Listen: '9090' is not an http or https URL. Write http://, a loopback address and a port, as in http://127.0.0.1:9090.")]
    public void An_admin_port_that_strangers_could_reach_or_that_cannot_be_is_refused(string listen, string line)
    {
        using var folder = new TemporaryFolder();
        var configuration = Reading.Of(folder, (AdminOptions.ListenKey, listen));
        AdminOptions.Read(configuration.Settings, [new(IsHttps: false, "*", 8080)]);
        Assert.Equal(line, Assert.Single(configuration.Complaints).ToString());
    }
}
