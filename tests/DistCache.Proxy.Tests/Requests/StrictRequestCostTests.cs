using DistCache.TestKit;
using Microsoft.AspNetCore.Builder;

namespace DistCache.Proxy.Tests.Requests;

public class StrictRequestCostTests
{
    private const string Browser =
        "Host: www.example.com\r\nConnection: keep-alive\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html,*/*;q=0.8\r\n"
        + "Accept-Encoding: gzip, br\r\nAccept-Language: en\r\nCookie: a=b\r\nSec-Fetch-Mode: navigate\r\nX-Unlisted: yes\r\n\r\n";

    /// <summary>Measured on the thread and inside the pipeline of a real Kestrel, on requests that follow others on their connection.</summary>
    [Theory]
    [InlineData("/some/path%2Fwith/a.file")]
    [InlineData("/some/path?with=a&query=100%")]
    public async Task A_sound_request_costs_the_gate_no_allocation(string target)
    {
        var costs = new List<long>();
        await using var scope = new GateFixtureScope();
        var edge = await scope.StartAsync(new GateFixture
        {
            Before = app => app.Use(next => context =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var done = next(context);
                costs.Add(GC.GetAllocatedBytesForCurrentThread() - before);
                return done.IsCompletedSuccessfully ? done : Task.FromException(new InvalidOperationException("The gate waited."));
            }),
            Between = app => app.Run(_ => Task.CompletedTask),
        });
        await using var client = await edge.ConnectAsync();
        for (var i = 0; i < 50; i++)
        {
            await client.SendAsync($"GET {target} HTTP/1.1\r\n{Browser}");
            Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
        }

        Assert.Equal(50, costs.Count);
        Assert.All(costs.Skip(10), cost => Assert.Equal(0, cost));
    }
}
