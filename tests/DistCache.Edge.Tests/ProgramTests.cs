using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using DistCache.Edge.Demo;
using DistCache.Edge.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace DistCache.Edge.Tests;

/// <summary>The real program in a process of its own.</summary>
public sealed class ProgramTests
{
    private const string AnyPort = "http://127.0.0.1:0";

    [Theory]
    [InlineData("--listen http://*:99999", "--listen: '99999' in 'http://*:99999' is not a port. Write http:// or https://, then *, localhost or an IP address, then a port from 0 to 65535, as in http://*:8080.")]
    [InlineData("--memory lots", "--memory: 'lots' is not a size. Write a number of bytes, or one with KiB, MiB, GiB or TiB, as in 512MiB.")]
    [InlineData("--preset bold", "--preset: 'bold' is not a preset. Choose safe or rfc9111.")]
    [InlineData("--origin nowhere", "--origin: 'nowhere' is not an http or https URL. Write an http or https URL with a host, as in http://127.0.0.1:5000.")]
    [InlineData("--config /no/such/file.json", "--config: '/no/such/file.json' does not exist. Name a JSON file that this user may read.")]
    [InlineData("--admin http://*:9090", "--admin: 'http://*:9090' is not a loopback address, and the admin port asks nobody for a key. Use 127.0.0.1, [::1] or localhost, or configure DistCache:Admin:Keys.")]
    [InlineData("--bogus", "Unrecognized command or argument '--bogus'. Try 'DistCache.Edge --help'.")]
    public async Task A_wrong_argument_is_one_clear_line_on_stderr_and_exit_code_2(string line, string error) =>
        Assert.Equal((2, "", error), await BuiltProgram.RunAsync(line.Split(' ')));

    [Fact]
    public async Task A_port_in_use_names_the_port_and_how_to_choose_another()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var next = port > 65000 ? 8081 : port + 1;

        Assert.Equal((2, "", $"--listen: http://127.0.0.1:{port}: the port is in use. Stop the program that uses it, or choose another port, as in --listen http://127.0.0.1:{next}."),
            await BuiltProgram.RunAsync(["--listen", AnyPort, "--listen", $"http://127.0.0.1:{port}", "--admin", AnyPort]));
        Assert.Equal((2, "", $"--admin: http://127.0.0.1:{port}: the port is in use. Stop the program that uses it, or choose another port, as in --admin http://127.0.0.1:{next}."),
            await BuiltProgram.RunAsync(["--listen", AnyPort, "--admin", $"http://127.0.0.1:{port}"]));
    }

    [Fact]
    public async Task A_proxy_configuration_that_cannot_be_used_is_told_error_by_error()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("routes.json", """{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Match": { } }, "b": { "ClusterId": "c", "Match": { "Path": "/{x" } } }, "Clusters": { "c": { } } } }""");
        var (code, output, error) = await BuiltProgram.RunAsync(["--config", file, "--listen", AnyPort, "--admin", AnyPort]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("ReverseProxy:Routes:a: Route 'a' requires Hosts or Path specified", error, StringComparison.Ordinal);
        Assert.Contains("ReverseProxy:Routes:b: Invalid path '/{x' for route 'b'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DistCache__Policies__default__Preset", "bold", "DistCache:Policies:default:Preset: 'bold' is not a preset; write safe or rfc9111.")]
    [InlineData("ReverseProxy__Routes__origin2__OutputCachePolicy", "defualt", "ReverseProxy:Routes:origin2:OutputCachePolicy: there is no policy 'defualt'")]
    [InlineData("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true", "ASPNETCORE_FORWARDEDHEADERS_ENABLED makes every peer a trusted proxy")]
    public async Task A_policy_or_a_process_that_cannot_be_is_told_by_its_key(string variable, string value, string line)
    {
        var (code, output, error) = await BuiltProgram.RunAsync(["--origin", "http://127.0.0.1:1", "--listen", AnyPort, "--admin", AnyPort], (variable, value),
            ("ReverseProxy__Routes__origin2__Match__Path", "/x"), ("ReverseProxy__Routes__origin2__ClusterId", "origin"));
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith(line, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public async Task Help_shows_every_option_its_default_and_examples()
    {
        var (code, output, error) = await BuiltProgram.RunAsync(["--help"]);
        Assert.Equal((0, ""), (code, error));
        Assert.All(new[]
        {
            "--origin", "--listen", "--admin", "--preset", "--memory", "--config", "--version", "http://*:8080", "http://127.0.0.1:9090", "[default: safe]",
            "a quarter of what the process may use", "Examples:", "DistCache.Edge --origin http://127.0.0.1:5000 --memory 512MiB",
        }, word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_is_told_alone()
    {
        var (code, output, error) = await BuiltProgram.RunAsync(["--version"]);
        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"^\d+\.\d+\.\d+\S*$", output);
    }

    [Fact]
    public async Task With_nothing_configured_the_demo_is_served_and_no_admin_route_answers_on_the_data_port()
    {
        await using var program = await BuiltProgram.StartAsync(["--listen", AnyPort, "--memory", "64MiB"], ("DistCache__Node__Id", "ams-1"));
        Assert.Contains("(node ams-1, region local)", program.Output, StringComparison.Ordinal);
        Assert.Contains("the built-in demo origin -> ", program.Output, StringComparison.Ordinal);
        Assert.Contains("64 MiB, objects up to 64 MiB", program.Output, StringComparison.Ordinal);
        Assert.Contains($"curl -i {program.Data[0]}fresh", program.Output, StringComparison.Ordinal);

        using var client = new HttpClient();
        Assert.Contains($"<code>curl -i {program.Data[0]}fresh</code>", await client.GetStringAsync(program.Data[0], TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("ready\n", await client.GetStringAsync(new Uri(program.Admin, "/readyz"), TestContext.Current.CancellationToken));
        foreach (var path in (string[])["/healthz", "/readyz"])
        {
            using var response = await client.GetAsync(new Uri(program.Data[0], path), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.True(response.Headers.Contains("Demo-Request"), "the origin answered, not the edge");
        }
    }

    [Fact]
    public async Task With_an_origin_every_host_and_path_goes_there_and_the_demo_is_off()
    {
        await using var origin = await DemoHost.StartAsync(TimeProvider.System, NullLoggerFactory.Instance, AppContext.BaseDirectory);
        await using var program = await BuiltProgram.StartAsync(["--listen", AnyPort, "--origin", origin.Url, "--preset", "rfc9111"]);
        Assert.Contains($"caching   {origin.Url} -> {program.Data[0].ToString().TrimEnd('/')}", program.Output, StringComparison.Ordinal);
        Assert.Contains("preset    rfc9111", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("demo", program.Output, StringComparison.Ordinal);

        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, program.Data[0]) { Headers = { Host = "shop.example" } };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains("<code>curl -i http://shop.example/fresh</code>", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_lets_a_response_in_flight_finish_while_readyz_says_draining_and_new_connections_are_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGTERM on Windows.");
        await using var program = await BuiltProgram.StartAsync(["--listen", AnyPort]);
        var (data, admin) = (program.Data[0], program.Admin);
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(data, "/streaming"), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        program.Signal("TERM");
        HttpResponseMessage ready;
        do
        {
            ready = await client.GetAsync(new Uri(admin, "/readyz"), TestContext.Current.CancellationToken);
        }
        while (ready.StatusCode == HttpStatusCode.OK);
        Assert.Equal("draining\n", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var other = new HttpClient();
        while (true)
        {
            try
            {
                using var stillAccepted = await other.GetAsync(new Uri(data, "/failing"), TestContext.Current.CancellationToken);
            }
            catch (HttpRequestException)
            {
                break;
            }
        }

        Assert.Contains("piece 10 of 10", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, await program.ExitAsync());
    }

    [Fact]
    public async Task The_start_in_JSON_is_one_line_with_the_ports_that_were_chosen()
    {
        await using var program = await BuiltProgram.StartAsync(["--json", "--listen", AnyPort, "--memory", "64MiB"], ("DistCache__Node__Id", "ams-1"));
        using var start = JsonDocument.Parse(program.Output);
        var root = start.RootElement;
        Assert.Equal(("ams-1", "local", 64 << 20, true), (root.GetProperty("node").GetString(), root.GetProperty("region").GetString(), root.GetProperty("memory").GetInt32(), root.GetProperty("demo").GetBoolean()));
        Assert.Equal("default", Assert.Single(root.GetProperty("policies").EnumerateArray()).GetString());
        using var client = new HttpClient();
        Assert.Equal("ready\n", await client.GetStringAsync(root.GetProperty("admin").GetString() + "/readyz", TestContext.Current.CancellationToken));
        using var answer = await client.GetAsync(root.GetProperty("data")[0].GetProperty("url").GetString() + "/fresh", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task The_start_names_the_shared_tier_and_the_purge_log_and_no_secret()
    {
        (string, string)[] environment =
        [
            ("DistCache__Shared__Redis", "127.0.0.1:1,user=edge,password=s3cret"), ("DistCache__Shared__Budget", "1500ms"),
            ("DistCache__PurgeLog__Redis", "127.0.0.1:2,password=s3cret"), ("DistCache__PurgeLog__Lease", "500ms"),
        ];
        await using var text = await BuiltProgram.StartAsync(["--listen", AnyPort], environment);
        Assert.Contains("shared    Redis at 127.0.0.1:1, waited for 1.5 s at most\n", text.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("purges    log in Redis at 127.0.0.1:2, lease 500 ms\n", text.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        await using var json = await BuiltProgram.StartAsync(["--json", "--listen", AnyPort], environment);
        using var start = JsonDocument.Parse(json.Output);
        Assert.Equal(("127.0.0.1:1", 1.5), (start.RootElement.GetProperty("shared").GetProperty("redis").GetString(), start.RootElement.GetProperty("shared").GetProperty("budget").GetDouble()));
        Assert.Equal(("in Redis at 127.0.0.1:2", 0.5), (start.RootElement.GetProperty("purgeLog").GetProperty("place").GetString(), start.RootElement.GetProperty("purgeLog").GetProperty("lease").GetDouble()));
        Assert.DoesNotContain("s3cret", text.Output + text.Error + json.Output + json.Error, StringComparison.Ordinal);

        await using var alone = await BuiltProgram.StartAsync(["--listen", AnyPort]);
        Assert.Contains("shared    none (DistCache:Shared:Redis)", alone.Output, StringComparison.Ordinal);
        Assert.Contains("purges    log of this node alone, in memory", alone.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_that_does_not_end_is_cut_when_the_drain_time_is_over()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGTERM on Windows.");
        await using var program = await BuiltProgram.StartAsync(["--listen", AnyPort], ("DistCache__Node__DrainTime", "200ms"));
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(program.Data[0], "/streaming"), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        program.Signal("TERM");
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await program.ExitAsync());
        Assert.Contains("were cut off", program.Error, StringComparison.Ordinal);
    }
}
