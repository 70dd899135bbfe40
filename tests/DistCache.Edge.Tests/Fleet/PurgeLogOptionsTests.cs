using DistCache.Edge.Fleet;
using DistCache.Edge.Shared;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Fleet;

public sealed class PurgeLogOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_said_is_a_log_in_memory()
    {
        var options = Read(out var complaints);
        Assert.Equal((null, null, TimeSpan.FromSeconds(30), null), (options.Redis, options.File, options.Lease, options.TakeOver));
        Assert.Empty(complaints);
    }

    [Fact]
    public void Values_as_they_are_written()
    {
        var options = Read(out var complaints, (PurgeLogOptions.RedisKey, "log:6379"), (PurgeLogOptions.FileKey, "/var/lib/p"), (PurgeLogOptions.LeaseKey, "5s"), (PurgeLogOptions.TakeOverKey, "15s"));
        Assert.Equal(new PurgeLogOptions("log:6379", "/var/lib/p", TimeSpan.FromSeconds(5)) { TakeOver = TimeSpan.FromSeconds(15) }, options);
        Assert.Empty(complaints);
    }

    [Fact]
    public void The_shared_tiers_server_keeps_the_log_where_no_other_is_named()
    {
        Assert.Equal(("tier:6379", SharedTierOptions.RedisKey), Place((SharedTierOptions.RedisKey, "tier:6379")));
        Assert.Equal(("log:6379", PurgeLogOptions.RedisKey), Place((SharedTierOptions.RedisKey, "tier:6379"), (PurgeLogOptions.RedisKey, "log:6379")));

        (string?, string) Place(params (string, string?)[] settings) => Read(out _, settings) is var options ? (options.Redis, options.RedisSetting) : default;
    }

    [Fact] // V18: each node would have a log of its own, and serve what the other has purged
    public void A_log_in_a_file_beside_a_shared_tier_is_refused_and_a_journal_of_a_log_in_Redis_is_not()
    {
        Read(out var complaints, (SharedTierOptions.RedisKey, "tier:6379"), (PurgeLogOptions.FileKey, "/var/lib/p"));
        Assert.Equal(
            "DistCache:PurgeLog:File: a log in a file is for one node alone, and a shared tier is for several. Leave it out: the log is then kept in DistCache:Shared:Redis. Or name DistCache:PurgeLog:Redis too: the file is then this node's journal.",
            Assert.Single(complaints));
        Read(out complaints, (SharedTierOptions.RedisKey, "tier:6379"), (PurgeLogOptions.FileKey, "/var/lib/p"), (PurgeLogOptions.RedisKey, "log:6379"));
        Assert.Empty(complaints);
        Read(out complaints, (PurgeLogOptions.FileKey, "/var/lib/p"));
        Assert.Empty(complaints);
    }

    [Theory]
    [InlineData(PurgeLogOptions.LeaseKey, "499ms", "DistCache:PurgeLog:Lease: '499ms' is no duration from 500ms to 1h. Write 30s, or leave it out.")]
    [InlineData(PurgeLogOptions.LeaseKey, "61m", "DistCache:PurgeLog:Lease: '61m' is no duration from 500ms to 1h. Write 30s, or leave it out.")]
    [InlineData(PurgeLogOptions.TakeOverKey, "0s", "DistCache:PurgeLog:TakeOver: '0s' is no duration from 100ms to 1h. Write how long a primary that was replaced may go on taking writes (cluster-node-timeout, min-replicas-max-lag), as 15s; or leave it out, if nobody knows.")]
    [InlineData(PurgeLogOptions.TakeOverKey, "never", "DistCache:PurgeLog:TakeOver: 'never' is no duration from 100ms to 1h. Write how long a primary that was replaced may go on taking writes (cluster-node-timeout, min-replicas-max-lag), as 15s; or leave it out, if nobody knows.")]
    [InlineData("DistCache:PurgeLog:Leases", "5s", "DistCache:PurgeLog:Leases: there is no such setting. DistCache:PurgeLog has Redis, File, Lease, TakeOver.")]
    public void A_value_that_cannot_work_is_refused(string key, string value, string line)
    {
        Read(out var complaints, (key, value));
        Assert.Equal(line, Assert.Single(complaints));
    }

    private PurgeLogOptions Read(out IReadOnlyList<string> complaints, params (string, string?)[] settings)
    {
        var configuration = Reading.Of(_folder, settings);
        var options = PurgeLogOptions.Read(configuration.Settings, SharedTierOptions.Read(configuration.Settings));
        complaints = [.. configuration.Complaints.Select(complaint => complaint.ToString())];
        return options;
    }
}
