using DistCache.Fleet.Logs;
using DistCache.Fleet.Tests.Kit;
using DistCache.Storage.Purging;

namespace DistCache.Fleet.Tests.Logs;

public sealed class MemoryPurgeLogTests
{
    [Fact] // L8, on a node alone
    public async Task Long_records_are_kept_for_a_shorter_time()
    {
        await using var log = new MemoryPurgeLog(TimeProvider.System);
        var text = new string('x', 1 << 20); // 2 MiB each; one string is enough of it here
        for (var i = 1; i <= 100; i++)
            await log.AppendAsync(new(PurgeRecord.NewId(), [new(PurgeScope.Url, text)], PurgeMode.Hard, "ops"), 0, TestContext.Current.CancellationToken);
        var kept = await log.AllAsync();
        Assert.InRange(kept.Count, 31, 64);
        Assert.Equal(Enumerable.Range(101 - kept.Count, kept.Count).Select(position => (long)position), kept.Select(entry => entry.At.Position));
    }
}
