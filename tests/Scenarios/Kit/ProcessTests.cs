using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Kit;

public class ProcessTests
{
    [Fact]
    public async Task Nginx_serves_a_folder_and_logs_each_request()
    {
        Assert.SkipWhen(NginxProcess.Program is null, "nginx is not installed.");
        using var folder = new TemporaryFolder();
        folder.Write("a.html", "hello");
        await using var nginx = await NginxProcess.StartAsync(folder.Path, "expires 1h;");
        await using var client = await RawClient.ConnectAsync(nginx.Url);
        var answer = await client.GetAsync("/a.html?q");
        Assert.Equal(("hello", "max-age=3600"), (answer.Text, answer.Field("Cache-Control")));
        Assert.True(answer.Fields.Has("ETag"));
        await client.GetAsync("/none");
        Assert.Contains("GET /a.html?q 200", nginx.Requests);
    }

    [Fact]
    public async Task A_process_is_measured_stopped_and_ended_by_its_own_id()
    {
        var sleeper = ChildProcess.Start("/bin/sh", ["-c", "echo started; exec sleep 600"]);
        Assert.InRange(sleeper.ResidentBytes, 1, 100L << 20);
        sleeper.Send(Signal.Stop);
        Assert.False(sleeper.HasExited);
        var id = sleeper.Id;
        await sleeper.DisposeAsync();
        Assert.False(Directory.Exists($"/proc/{id}"));
    }

    [Fact]
    public async Task Output_and_exit_code_of_a_process_are_kept()
    {
        await using var child = ChildProcess.Start("/bin/sh", ["-c", "echo out; echo err >&2; exit 3"]);
        Assert.Equal(3, await child.WaitForExitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("out\n", child.Output, StringComparison.Ordinal);
        Assert.Contains("err\n", child.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edge_that_cannot_start_fails_with_what_it_said()
    {
        var failure = await Assert.ThrowsAsync<WireException>(() => EdgeProcess.StartAsync(new EdgeStart { Arguments = ["--no-such-option"] }));
        Assert.Contains("before it was ready", failure.Message, StringComparison.Ordinal);
    }
}
