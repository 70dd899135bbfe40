using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Fleet.Tests.Members;

/// <summary>Which regions have somebody to answer, as the rows that were read say.</summary>
public sealed class LiveRegionsTests
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Coordinator _coordinator;

    public LiveRegionsTests() => _coordinator = new(
        new(ProtocolRules.All), new(TimeSpan.FromSeconds(30)), new MemoryPurgeLog(_time), _time, ProtocolRules.All);

    [Fact]
    public void Nothing_is_said_before_the_first_read() => Assert.Null(_coordinator.LiveRegions);

    [Fact]
    public void A_region_is_live_until_its_last_member_has_missed_more_than_five_beats_and_again_with_the_next_one()
    {
        Read(Row("eu-1", "eu", 1), Row("us-1", "us", 1), Row("us-2", "us", 1));
        for (var beat = 2; beat <= 6; beat++)
        {
            _time.Advance(Beat);
            Read(Row("eu-1", "eu", beat), Row("us-1", "us", 1), Row("us-2", "us", 2));
            Assert.Equal(["eu", "us"], Live());
        }
        _time.Advance(2 * Beat);
        Read(Row("eu-1", "eu", 7), Row("us-1", "us", 1), Row("us-2", "us", 2)); // us-1 for 7 s, us-2 for 6 s
        Assert.Equal(["eu"], Live());
        Read(Row("eu-1", "eu", 7), Row("us-1", "us", 1), Row("us-2", "us", 3));
        Assert.Equal(["eu", "us"], Live());
    }

    [Fact]
    public void A_region_whose_members_have_left_in_order_is_not_live()
    {
        Read(Row("eu-1", "eu", 1), Row("us-1", "us", 1));
        Read(Row("eu-1", "eu", 1), Row("us-1", "us", 2) with { HasLeft = true });
        Assert.Equal(["eu"], Live());
    }

    [Fact] // the ignorance is ours
    public void That_the_log_cannot_be_read_says_nothing_of_the_others()
    {
        Read(Row("eu-1", "eu", 1), Row("us-1", "us", 1));
        _time.Advance(100 * Beat);
        Assert.Equal(["eu", "us"], Live());
    }

    [Fact]
    public void A_regions_load_is_the_mean_of_its_live_members()
    {
        Read(Row("us-1", "us", 1) with { Load = 1 }, Row("us-2", "us", 1) with { Load = 0.5 });
        Assert.Equal(0.75, _coordinator.LiveRegions!["US"]);
        _time.Advance(6 * Beat);
        Read(Row("us-1", "us", 2) with { Load = 0.9 }, Row("us-2", "us", 1) with { Load = 0.5 });
        Assert.Equal(0.9, _coordinator.LiveRegions!["us"]);
    }

    [Fact]
    public void The_live_members_of_a_region_are_those_that_beat()
    {
        Assert.Empty(_coordinator.LiveIn("us"));
        Read(Row("us-1", "us", 1), Row("us-2", "us", 1) with { DataAddress = "http://127.0.0.1:1" }, Row("eu-1", "eu", 1));
        Assert.Equal(["us-1", "us-2"], _coordinator.LiveIn("US").Select(row => row.Node).Order());
        _time.Advance(6 * Beat);
        Read(Row("us-1", "us", 1), Row("us-2", "us", 2) with { DataAddress = "http://127.0.0.1:1" });
        Assert.Equal("http://127.0.0.1:1", Assert.Single(_coordinator.LiveIn("us")).DataAddress);
        Assert.Empty(_coordinator.LiveIn("eu"));
    }

    private IEnumerable<string> Live() => _coordinator.LiveRegions!.Keys.Order();

    private void Read(params MemberRow[] rows) => _coordinator.Observe(new(1, 1, rows, IsSessionTold: true), _time.GetTimestamp(), _time.GetTimestamp());

    private static MemberRow Row(string node, string region, long beat) => new() { Node = node, Run = 1, Region = region, Beat = beat, Lease = TimeSpan.FromSeconds(30) };
}
