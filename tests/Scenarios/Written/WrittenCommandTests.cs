using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Written;

/// <summary>What README.md and config/README.md tell people to type does what they say. Three regions: <see cref="Fleet.FleetScriptTests"/>.</summary>
public class WrittenCommandTests
{
    public const string Document = "config/README.md";
    public const string Heading = "### From one node to three regions";

    [Fact]
    public async Task One_node_answers_from_memory_and_purges_as_config_says()
    {
        using var commands = new WrittenCommands();
        var output = await commands.RunAsync(WrittenCommands.Blocks(Document, Heading)[0]);
        Assert.Contains("cache-status: ", output, StringComparison.OrdinalIgnoreCase);
        Assert.Matches(@"(?m)^1  \S+Z  complete, hard, applied by ", output);
    }

    [Fact]
    public async Task Two_nodes_become_a_region_as_config_says()
    {
        Assert.SkipWhen(RedisProcess.Program is null, "redis-server is not installed.");
        using var commands = new WrittenCommands();
        var output = await commands.RunAsync(WrittenCommands.Blocks(Document, Heading)[1]);
        Assert.Contains("cache-status: ", output, StringComparison.OrdinalIgnoreCase);
        Assert.Matches(@"(?m)^1  \S+Z  complete, hard, applied by (one, two|two, one): ", output);
        foreach (var node in (string[])["one", "two"])
            Assert.Matches($"(?m)^{node}  local  (ready|fenced)  position 1 ", output);
    }

    [Fact]
    public async Task Garnet_is_the_store_with_the_three_lines_of_the_README()
    {
        var missing = await GarnetProcess.MissingAsync();
        Assert.SkipWhen(missing is not null, missing ?? "");
        var lines = WrittenCommands.Blocks("README.md", "## A fleet")[1];
        Assert.Equal(3, lines.Length);
        using var commands = new WrittenCommands();
        var output = await commands.RunAsync(
            [.. lines, "DistCache.Edge purge tag a --admin http://127.0.0.1:9091", "curl -s http://127.0.0.1:9091/healthz"],
            new Dictionary<string, string?> { ["DistCache__PurgeLog__Lease"] = "500ms" }); // one that a test can wait for
        Assert.Matches(@"(?m)^1  \S+Z  complete, hard, applied by one: tag:a", output);
        Assert.Matches("(?m)^ok$", output);
    }
}
