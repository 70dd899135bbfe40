using System.Net;
using System.Net.Sockets;
using DistCache.Proxy.Origins;
using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;
using Microsoft.Extensions.Configuration;

namespace DistCache.Proxy.Tests.Origins;

/// <summary><c>DistCache:Origin</c>: what an origin may take of time and of connections.</summary>
public sealed class OriginLimitTests
{
    [Theory]
    [InlineData("GET")]
    [InlineData("OPTIONS")] // a pass
    public async Task An_answer_that_does_not_begin_in_time_is_504(string method)
    {
        await using var edge = await StartAsync(("FirstByteTimeout", "5s"), ("IdleTimeout", "60s"));
        edge.Origin.On("/a").Answer(Script.NeverAnswer());
        var asked = edge.RequestAsync(method, "/a");
        await edge.Origin.Log.WaitForAsync("/a", 1);
        edge.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(asked.IsCompleted);
        edge.Time.Advance(TimeSpan.FromSeconds(0.2));
        var answer = await asked;
        Assert.Equal((504, "DistCache; error=http_response_timeout"), (answer.Status, answer.Field("Proxy-Status")));
    }

    [Fact]
    public async Task Who_holds_something_stale_gets_that_when_the_first_byte_is_late() // F2
    {
        await using var edge = await StartAsync(("FirstByteTimeout", "5s"), ("IdleTimeout", "60s"));
        edge.Origin.On("/a").Answer(Answers.Ok("one", "Cache-Control: max-age=10, stale-if-error=60"), Script.NeverAnswer());
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        var asked = edge.GetAsync("/a");
        await edge.Origin.Log.WaitForAsync("/a", 2);
        edge.Time.Advance(TimeSpan.FromSeconds(5.1));
        Assert.Equal("one", (await asked).Text);
    }

    [Fact]
    public async Task While_the_origin_hangs_only_the_first_waits_for_it_and_an_answer_ends_that() // F1, F2
    {
        await using var edge = await StartAsync(("FirstByteTimeout", "30m"), ("IdleTimeout", "1h"));
        var gate = new Gate();
        edge.Origin.On("/a").Answer(
            Answers.Ok("one", "Cache-Control: max-age=10, stale-if-error=31536000"), Script.NeverAnswer(),
            new Script().Wait(gate).Then(Answers.Ok("two", "Cache-Control: max-age=31536000")));
        await edge.GetAsync("/a");
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        var first = edge.GetAsync("/a");
        await edge.Origin.Log.WaitForAsync("/a", 2);
        edge.Time.Advance(TimeSpan.FromSeconds(1_801));
        Assert.Equal("one", (await first).Text);
        // Within a second of the failure: at once, and the origin is left alone.
        Assert.Contains("stale-if-error", (await edge.GetAsync("/a")).Field("Cache-Status"));
        Assert.Equal(2, edge.Fetches("/a"));
        // Later one tries again, and nobody waits longer than a second for that.
        edge.Time.Advance(TimeSpan.FromSeconds(1.1));
        var crowd = Enumerable.Range(0, 20).Select(_ => edge.GetAsync("/a")).ToArray();
        await edge.Origin.Log.WaitForAsync("/a", 3);
        var waited = TimeSpan.Zero;
        await Eventually.TrueAsync(() =>
        {
            waited += TimeSpan.FromSeconds(0.1);
            edge.Time.Advance(TimeSpan.FromSeconds(0.1));
            return Task.FromResult(crowd.All(one => one.IsCompleted));
        });
        Assert.InRange(waited, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1_500)); // ticks run ahead of twenty sockets, but not half an hour
        Assert.All(await Task.WhenAll(crowd), answer => Assert.Equal("one", answer.Text));
        Assert.Equal(3, edge.Fetches("/a"));
        gate.Open();
        await Eventually.TrueAsync(async () => (await edge.GetAsync("/a")).Text == "two");
        Assert.Equal(3, edge.Fetches("/a"));
    }

    [Fact]
    public async Task A_body_may_take_longer_than_the_first_byte()
    {
        await using var edge = await StartAsync(("FirstByteTimeout", "5s"), ("IdleTimeout", "60s"));
        var gate = new Gate();
        edge.Origin.On("/a").Answer(Script.Text("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\no").Wait(gate).Then("ne"));
        await using var client = await edge.ConnectAsync();
        await client.SendAsync(TestKit.Requests.Text("GET", "/a"));
        var head = await client.ReadHeadAsync();
        edge.Time.Advance(TimeSpan.FromSeconds(30));
        gate.Open();
        Assert.Equal("one", (await client.ReadBodyAsync(head)).Text);
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_in_time_is_504()
    {
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(0);
        // A full queue that nobody empties: the kernel drops who comes next.
        var queued = new List<Socket>();
        for (var i = 0; i < 4; i++)
        {
            queued.Add(new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
            try
            {
                queued[^1].Connect(deaf.LocalEndPoint!);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock)
            {
            }
        }
        await using var edge = await EdgeInProcess.StartAsync(more: new Dictionary<string, string?>
        {
            ["DistCache:Origin:ConnectTimeout"] = "1s",
            ["ReverseProxy:Clusters:origin:Destinations:one:Address"] = $"http://{deaf.LocalEndPoint}/",
        });
        var answer = await edge.GetAsync("/a");
        Assert.Equal((504, "DistCache; error=connection_timeout"), (answer.Status, answer.Field("Proxy-Status")));
        queued.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task No_more_connections_than_allowed_and_who_waits_is_served()
    {
        await using var edge = await StartAsync(("MaxConnections", "2"));
        var gates = Enumerable.Range(0, 6).Select(_ => new Gate()).ToArray();
        var (now, most) = (0, 0);
        for (var i = 0; i < 6; i++)
        {
            var gate = gates[i];
            edge.Origin.On("/" + i).Answer(_ =>
            {
                most = Math.Max(most, Interlocked.Increment(ref now));
                return new Script().Wait(gate).Then(Answers.Ok("x", "Cache-Control: max-age=60"));
            });
        }
        var asked = Enumerable.Range(0, 6).Select(i => edge.GetAsync("/" + i)).ToArray();
        foreach (var answer in asked)
        {
            var arrived = await Task.WhenAny(gates.Where((gate, i) => !asked[i].IsCompleted).Select(gate => gate.Reached));
            await arrived;
            var open = Array.FindIndex(gates, gate => gate.Reached.IsCompleted && !asked[Array.IndexOf(gates, gate)].IsCompleted);
            Interlocked.Decrement(ref now);
            gates[open].Open();
            await asked[open];
        }
        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal(200, answer.Status));
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task A_fill_too_many_is_503_or_stale()
    {
        await using var edge = await StartAsync(("MaxFills", "1"));
        var gate = new Gate();
        edge.Origin.On("/stale").Answer(Answers.Ok("one", "Cache-Control: max-age=10, stale-if-error=60"));
        edge.Origin.On("/long").Answer(new Script().Wait(gate).Then(Answers.Ok("x", "Cache-Control: max-age=60")));
        edge.Origin.On("/more").Answer(Answers.Ok("x", "Cache-Control: max-age=60"));
        await edge.GetAsync("/stale");
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        var first = edge.GetAsync("/long");
        await gate.Reached;
        var refused = await edge.GetAsync("/more");
        Assert.Equal((503, "DistCache; error=connection_limit_reached"), (refused.Status, refused.Field("Proxy-Status")));
        Assert.Equal("one", (await edge.GetAsync("/stale")).Text);
        gate.Open();
        await first;
        await Eventually.TrueAsync(async () => (await edge.GetAsync("/more")).Status == 200);
    }

    [Theory]
    [InlineData("ConnectTimeout", "0s", "is not a duration from 1s to 00:05:00")]
    [InlineData("FirstByteTimeout", "60", "is not a duration from 1s to 01:00:00")]
    [InlineData("IdleTimeout", "2h", "is not a duration from 1s to 01:00:00")]
    [InlineData("MaxConnections", "0", "is not a whole number from 1 to 65535")]
    [InlineData("MaxFills", "many", "is not a whole number from 1 to 1000000")]
    [InlineData("Timeout", "1s", "there is no such setting")]
    public void A_value_that_cannot_be_is_named_with_its_range(string key, string value, string error)
    {
        var errors = new List<string>();
        OriginOptions.Read(new ConfigurationBuilder().AddInMemoryCollection([new("DistCache:Origin:" + key, value)]).Build(), errors);
        Assert.StartsWith($"DistCache:Origin:{key}: ", Assert.Single(errors));
        Assert.Contains(error, errors[0]);
    }

    [Fact]
    public void An_idle_time_out_is_never_shorter_than_that_of_the_first_byte()
    {
        var options = OriginOptions.Read(new ConfigurationBuilder().AddInMemoryCollection([new("DistCache:Origin:FirstByteTimeout", "5m")]).Build(), []);
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)), (options.FirstByteTimeout, options.IdleTimeout));
    }

    private static Task<EdgeInProcess> StartAsync(params (string Key, string Value)[] origin) =>
        EdgeInProcess.StartAsync(more: origin.ToDictionary(one => "DistCache:Origin:" + one.Key, one => (string?)one.Value));
}
