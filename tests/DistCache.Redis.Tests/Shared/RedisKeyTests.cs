using System.Text;
using DistCache.Redis.Shared;
using DistCache.Redis.Tests.Kit;
using DistCache.Storage.Keys;
using DistCache.Storage.Shared;
using DistCache.Storage.Tests.Shared.Kit;
using DistCache.TestKit;
using StackExchange.Redis;

namespace DistCache.Redis.Tests.Shared;

public sealed class RedisKeyTests
{
    private const int Slots = 16384;

    [Fact] // A18: {} in a raw key chooses the slot
    public void Paths_with_braces_spread_over_the_slots()
    {
        const int Buckets = 64;
        var counts = new int[Buckets];
        for (var i = 0; i < 10_000; i++)
            counts[SlotOf(RedisKeys.Of(7, Encoding.UTF8.GetBytes($"/{{a}}/{i}"))) / (Slots / Buckets)]++;
        var expected = 10_000.0 / Buckets;
        var chiSquare = counts.Sum(count => (count - expected) * (count - expected) / expected);
        Assert.InRange(chiSquare, 25, 103.4); // 63 degrees of freedom: p > 0.001 on either side
    }

    [Fact]
    public void What_belongs_to_one_key_lies_in_one_slot_and_chunks_spread()
    {
        var root = RedisKeys.Of(7, "key"u8);
        var variant = new SharedPlace(7, new CacheKey("key"u8), ":" + VariantParts.Of("x", "}{"));
        Assert.Equal(SlotOf(root), SlotOf(RedisKeys.Of(variant)));
        Assert.Equal(SlotOf(root), SlotOf(RedisKeys.LeaseOf(variant)));
        Assert.True(Enumerable.Range(0, 50).Select(index => SlotOf(RedisKeys.Chunk(1, index))).Distinct().Count() > 40);
    }

    [Fact] // A19
    public async Task Whatever_clients_send_no_key_but_ours_is_touched()
    {
        await using var redis = await RedisProcess.StartAsync();
        await redis.CommandAsync("SET", "canary", "untouched");
        await using var node = await Node.OpenAsync(redis.ConnectionString, new TestLog());
        var random = new Random(19);
        var rounds = Environment.GetEnvironmentVariable("DISTCACHE_LONG") == "1" ? 100_000 : 3_000;
        for (var i = 0; i < rounds; i++)
        {
            var key = Wild(random);
            var value = Wild(random);
            await node.FindAsync(key, wantsLease: i % 3 == 0, ("accept-encoding", value));
            if (i % 5 == 0)
                node.Tier.Writer.TryWrite(new(Copies.Response(node.Pool, key, Encoding.UTF8.GetBytes(value), TimeProvider.System.GetTimestamp(), variant: i % 2 == 0 ? null : new VariantKey(["x"], [value])), "1.1"));
        }
        await Eventually.TrueAsync(() => node.Tier.Writer.Pending == 0);
        Assert.Equal("untouched", await redis.CommandAsync("GET", "canary"));
        var names = (await redis.CommandAsync("KEYS", "*")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(names, name => Assert.Matches("^(canary|dc1:[0-9a-f]{16}:\\{[A-Za-z0-9_-]{43}\\}(:(-|[A-Za-z0-9_-]{16}))*(:l)?)$", name));
        Assert.InRange(names.Length, 100, int.MaxValue);
    }

    [Fact] // A27
    public async Task Exceptions_of_the_client_name_no_key()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var connection = await Redis.Connections.RedisConnection.OpenAsync(redis.ConnectionString, "test");
        await redis.KillAsync();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => new RedisSharedStore(connection).FindAsync(new(7, new CacheKey("secret"u8), [], null, default)));
        Assert.DoesNotContain("dc1:", error.ToString());
    }

    private static string Wild(Random random)
    {
        const string Odd = "{}*?[]\r\n \0:|\"'\\$%/é\u0001";
        return string.Create(random.Next(1, 40), random, static (text, random) =>
        {
            foreach (ref var c in text)
                c = random.Next(2) == 0 ? Odd[random.Next(Odd.Length)] : (char)random.Next('a', 'z');
        });
    }

    private static int SlotOf(RedisKey key)
    {
        var text = (string)key!;
        var open = text.IndexOf('{', StringComparison.Ordinal);
        var tag = open < 0 ? text : text[(open + 1)..text.IndexOf('}', open)];
        var crc = 0;
        foreach (var b in Encoding.UTF8.GetBytes(tag)) // CRC-16/XMODEM, as CLUSTER KEYSLOT has it
        {
            crc ^= b << 8;
            for (var i = 0; i < 8; i++)
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            crc &= 0xffff;
        }
        return crc % Slots;
    }
}
