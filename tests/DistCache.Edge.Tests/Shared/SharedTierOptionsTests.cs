using DistCache.Edge.Shared;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Shared;

public sealed class SharedTierOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_server_there_is_none() => Assert.Null(SharedTierOptions.Read(Reading.Of(_folder).Settings));

    [Theory]
    [InlineData("127.0.0.1:6379", null, null, 50, 64 << 10)]
    [InlineData("a:7000,b:7000,password=x,ssl=true", "20ms", "256KiB", 20, 256 << 10)]
    public void Values_and_their_defaults(string redis, string? budget, string? chunkSize, int milliseconds, int bytes)
    {
        var configuration = Reading.Of(_folder, (SharedTierOptions.RedisKey, redis), (SharedTierOptions.BudgetKey, budget), (SharedTierOptions.ChunkSizeKey, chunkSize));
        Assert.Equal(new SharedTierOptions(redis, TimeSpan.FromMilliseconds(milliseconds), bytes), SharedTierOptions.Read(configuration.Settings));
        Assert.Empty(configuration.Complaints);
    }

    [Theory]
    [InlineData(SharedTierOptions.BudgetKey, "0ms", "DistCache:Shared:Budget: '0ms' is no duration from 1ms to 10s. Write 50ms, or leave it out.")]
    [InlineData(SharedTierOptions.ChunkSizeKey, "8MiB", "DistCache:Shared:ChunkSize: '8MiB' is no size from 4KiB to 4MiB. Write 64KiB, or leave it out.")]
    [InlineData("DistCache:Shared:Chunksize2", "1", "DistCache:Shared:Chunksize2: there is no such setting. DistCache:Shared has Redis, Budget, ChunkSize.")]
    public void A_value_that_cannot_work_is_refused(string key, string value, string line)
    {
        var configuration = Reading.Of(_folder, (SharedTierOptions.RedisKey, "127.0.0.1"), (key, value));
        SharedTierOptions.Read(configuration.Settings);
        Assert.Equal(line, Assert.Single(configuration.Complaints).ToString());
    }

    [Theory]
    [InlineData("OOM", "give it more memory, or an eviction policy (maxmemory, maxmemory-policy).")]
    [InlineData("NOPERM", "its user may not run what is needed; allow the one in DistCache:Shared:Redis scripts and the keys of this cache (ACL SETUSER).")]
    [InlineData("CLUSTERDOWN", "look into its log.")]
    public void Health_says_what_a_server_refuses_and_what_helps(string word, string remedy) =>
        Assert.Equal($"The server at redis-1:6379 answers, and refuses what it is asked ({word}). What it refuses is fetched from the origin, and the others do not get it: {remedy}", SharedTierHost.Refuses("redis-1:6379", word));

    [Theory]
    [InlineData("password=s3cret")]
    [InlineData("host,ssl=s3cret")]
    [InlineData("host,connectTimeout=s3cret,password=s3cret")]
    public void A_broken_connection_string_is_refused_without_its_secrets(string redis)
    {
        var configuration = Reading.Of(_folder, (SharedTierOptions.RedisKey, redis));
        SharedTierOptions.Read(configuration.Settings);
        var line = Assert.Single(configuration.Complaints).ToString();
        Assert.StartsWith("DistCache:Shared:Redis: ", line);
        Assert.DoesNotContain("s3cret", line);
    }
}
