using System.Net;
using System.Text;
using System.Text.Json;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>P2 of an edge alone with its log in a file (<c>DistCache:PurgeLog:File</c>): what was acknowledged is on the disk, and what could not be written was not acknowledged.</summary>
public class FileLogTests
{
    [Fact]
    public async Task F1_after_kill_9_the_log_goes_on_where_it_was()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "purges.log");
        await using var origin = ScriptOrigin.Start();
        await using var edge = await StartAsync(origin, path);
        using var admin = new HttpClient { BaseAddress = edge.AdminUrl };
        Assert.Equal(1, (await PurgeAsync(admin, "first")).Position);

        // It dies while one purge follows the other; what is on the disk by then may end in half a record.
        var acknowledged = new List<PurgeReply>();
        var purging = PurgeUntilItDiesAsync(admin, acknowledged);
        await Eventually.TrueAsync(() => acknowledged.Count >= 20);
        await edge.KillAsync();
        await purging;
        var last = acknowledged[^1];
        var before = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await edge.RestartAsync();

        using var again = new HttpClient { BaseAddress = edge.AdminUrl };
        foreach (var purge in acknowledged)
            Assert.Contains(purge.Id, await again.GetStringAsync($"/api/v1/purges/{purge.Position}", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var nodes = JsonDocument.Parse(await again.GetStringAsync("/api/v1/nodes", TestContext.Current.CancellationToken));
        var position = nodes.RootElement.GetProperty("nodes")[0].GetProperty("position").GetInt64();
        Assert.InRange(position, last.Position, last.Position + 1); // one more may have been written, and not answered any more
        Assert.Equal(position + 1, (await PurgeAsync(again, "next")).Position);

        // The same log: its id stands at the beginning, and nothing was written anew.
        var after = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var kept = before.AsSpan().CommonPrefixLength(after);
        Assert.True(kept > before.Length * 9 / 10, $"{kept} of {before.Length} bytes are as they were");
    }

    [Fact]
    public async Task F24_a_full_disk_refuses_purges_with_503_claims_nothing_and_takes_them_again_when_there_is_room()
    {
        using var small = SmallDisk.TryMount();
        Assert.SkipWhen(small is null, "needs root, and a machine that lets it mount a tmpfs");
        await using var origin = ScriptOrigin.Start();
        origin.Others.Answer(Answers.Ok("a page", "Cache-Control: max-age=600", "Surrogate-Key: page"));
        await using var edge = await StartAsync(origin, Path.Combine(small.Path, "purges.log"));
        using var admin = new HttpClient { BaseAddress = edge.AdminUrl };
        await edge.GetAsync("/page");
        Assert.True((await PurgeAsync(admin, "nobody-has-it")).IsComplete);
        var ballast = small.Fill();

        var large = Enumerable.Range(0, 100).Select(i => $"{i:000}-{new string('x', 100)}").Append("page").ToArray(); // more than what is left of the file's last page
        var refused = await PurgeAsync(admin, large);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Contains("The purge log does not take it: nothing is acknowledged.", refused.Text, StringComparison.Ordinal);
        Assert.Contains("Purges are refused until it can be written.", await admin.GetStringAsync("/healthz", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var purges = JsonDocument.Parse(await admin.GetStringAsync("/api/v1/purges", TestContext.Current.CancellationToken));
        Assert.Equal(1, Assert.Single(purges.RootElement.GetProperty("items").EnumerateArray()).GetProperty("position").GetInt64());
        Assert.Equal(503, (await PurgePortAsync(edge, "/page")).Status);
        Assert.Contains("; hit", (await edge.GetAsync("/page")).Field("Cache-Status")); // reads go on, and it is not purged

        File.Delete(ballast);
        var taken = await PurgeAsync(admin, large);
        Assert.True(taken.IsComplete, taken.Text);
        Assert.Equal(2, taken.Position);
        Assert.DoesNotContain("; hit", (await edge.GetAsync("/page")).Field("Cache-Status"));
        Assert.StartsWith("ok", await admin.GetStringAsync("/healthz", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static Task<EdgeProcess> StartAsync(ScriptOrigin origin, string path) =>
        EdgeProcess.StartAsync(new EdgeStart { Origin = origin.Url, Environment = new Dictionary<string, string?> { ["DistCache__PurgeLog__File"] = path } });

    private static async Task PurgeUntilItDiesAsync(HttpClient admin, List<PurgeReply> acknowledged)
    {
        try
        {
            while (await PurgeAsync(admin, "again") is { IsComplete: true } purge)
                acknowledged.Add(purge);
        }
        catch (HttpRequestException)
        {
            // It is dead.
        }
    }

    private static async Task<PurgeReply> PurgeAsync(HttpClient admin, params string[] tags)
    {
        using var body = new StringContent(JsonSerializer.Serialize(new { tags }), Encoding.UTF8, "application/json");
        using var answer = await admin.PostAsync("/api/v1/purges", body, TestContext.Current.CancellationToken);
        return new(answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<RawAnswer> PurgePortAsync(EdgeProcess edge, string target)
    {
        await using var client = await edge.ConnectAsync();
        await client.SendAsync(Requests.Text("PURGE", target, $"Surrogate-Key: {new string('y', 100)} {string.Join(' ', Enumerable.Range(0, 60).Select(i => $"{i:000}-{new string('y', 100)}"))}"));
        return await client.ReadAnswerAsync();
    }
}
