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
        state.Phase = NodePhase.Ready;
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await Get("/readyz"));
        state.Phase = NodePhase.Draining;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining\n"), await Get("/readyz"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await Get("/healthz"));
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

    [Theory]
    [InlineData("http://0.0.0.0:9090", "DistCache:Admin:Listen: 'http://0.0.0.0:9090' is not a loopback address, and the admin port asks nobody for a key. Use 127.0.0.1, [::1] or localhost.")]
    [InlineData("http://*:9090", "DistCache:Admin:Listen: 'http://*:9090' is not a loopback address, and the admin port asks nobody for a key. Use 127.0.0.1, [::1] or localhost.")]
    [InlineData("https://127.0.0.1:9090", "DistCache:Admin:Listen: 'https://127.0.0.1:9090' is https, and the admin port speaks http. Write http://, a loopback address and a port, as in http://127.0.0.1:9090.")]
    [InlineData("http://127.0.0.1:8080", "DistCache:Admin:Listen: port 8080 is a data port too. Give the admin port a port of its own.")]
    [InlineData("9090", "DistCache:Admin:Listen: '9090' is not an http or https URL. Write http://, a loopback address and a port, as in http://127.0.0.1:9090.")]
    public void An_admin_port_that_strangers_could_reach_or_that_cannot_be_is_refused(string listen, string line)
    {
        using var folder = new TemporaryFolder();
        using var configuration = Reading.Of(folder, (AdminOptions.ListenKey, listen));
        AdminOptions.Read(configuration.Settings, [new(IsHttps: false, "*", 8080)]);
        Assert.Equal(line, Assert.Single(configuration.Complaints).ToString());
    }
}
