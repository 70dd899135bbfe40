using DistCache.Edge.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Edge.Tests.CommandLine;

public sealed class AdminClientTests
{
    [Theory]
    [InlineData(0, 100)]
    [InlineData(300, 400)]
    public async Task It_is_patient_for_longer_than_the_edge_was_asked_to_wait(int waits, int patience)
    {
        using var asked = new SemaphoreSlim(0);
        using var answers = new SemaphoreSlim(0);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var edge = builder.Build();
        edge.Run(async context =>
        {
            asked.Release();
            await answers.WaitAsync(context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await context.Response.WriteAsync("{}");
        });
        await edge.StartAsync(TestContext.Current.CancellationToken);
        var time = new FakeTimeProvider();
        var client = new AdminClient(edge.Urls.First(), key: "", time);

        var answered = await SendAsync();
        time.Advance(TimeSpan.FromSeconds(patience - 1));
        answers.Release();
        Assert.Equal((ExitCode.Stopped, "{}"), await answered);

        var cut = await SendAsync();
        time.Advance(TimeSpan.FromSeconds(patience));
        Assert.Equal((ExitCode.NotAnswered, $"{edge.Urls.First()}/ has not answered within {patience} s. What was asked for may have been done all the same: look at 'DistCache.Edge purges'."), await cut);

        async Task<Task<(int, string)>> SendAsync()
        {
            var sent = client.SendAsync(HttpMethod.Post, "/api/v1/purges", "{}", TestContext.Current.CancellationToken, TimeSpan.FromSeconds(waits));
            await asked.WaitAsync(TestContext.Current.CancellationToken);
            return sent;
        }
    }
}
