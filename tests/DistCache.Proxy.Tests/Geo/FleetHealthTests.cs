using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Geo.Regions;
using DistCache.Proxy.Geo;
using DistCache.Storage.Purging;
using Microsoft.Extensions.Time.Testing;
using FleetNode = DistCache.Fleet.FleetNode;

namespace DistCache.Proxy.Tests.Geo;

public sealed class FleetHealthTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_node_that_is_alone_takes_every_region_for_healthy() =>
        Assert.Equal(RegionHealth.Healthy, new FleetHealth(FleetNode.Alone(new PurgeIndex(), _time)).Of("nowhere"));

    [Fact]
    public async Task A_region_without_a_member_is_down_and_one_that_is_about_as_busy_as_it_may_be_is_overloaded()
    {
        var log = new FleetLog(_time);
        log.Add(Row("us-1", "us", 0.95), Row("us-2", "us", 0.9), Row("ap-1", "ap", 1), Row("ap-2", "ap", 0.5));
        await using var node = new FleetNode(log, null, new PurgeIndex(), new() { Node = "eu-1", Region = "eu", Lease = new(TimeSpan.FromSeconds(30)) }, _time);
        var health = new FleetHealth(node);
        Assert.Equal(RegionHealth.Healthy, health.Of("sa")); // nothing is read yet
        await node.StartAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(
            [RegionHealth.Healthy, RegionHealth.Overloaded, RegionHealth.Healthy, RegionHealth.Down],
            new[] { "eu", "US", "ap", "sa" }.Select(health.Of));
    }

    private static MemberRow Row(string node, string region, double load) =>
        new() { Node = node, Run = 1, Region = region, Beat = 1, Load = load, Lease = TimeSpan.FromSeconds(30) };

    private sealed class FleetLog(TimeProvider time) : MemoryPurgeLog(time)
    {
        public override bool IsLocal => false;

        public void Add(params MemberRow[] rows)
        {
            foreach (var row in rows)
                Rows[row.Key] = row;
        }
    }
}
