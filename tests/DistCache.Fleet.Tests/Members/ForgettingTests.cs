using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Storage.Purging;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Fleet.Tests.Members;

/// <summary>
/// Rule 8 on a replicated store: nobody knows how long a primary that was replaced may take writes, so a silent member is never left out. Somebody
/// who knows that it is gone says so.
/// </summary>
public sealed class ForgettingTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Needed = Lease + TimeSpan.FromSeconds(0.25);

    private readonly FakeTimeProvider _time = new();
    private readonly ReplicatedLog _log;
    private readonly FleetNode _node;
    private MemberRow _silent = new() { Node = "b", Run = 7, Region = "eu", Lease = Lease, HoldsLease = true };

    public ForgettingTests()
    {
        _log = new(_time);
        _node = new(_log, null, new PurgeIndex(), new() { Node = "a", Lease = new(Lease) }, _time);
    }

    [Fact]
    public async Task A_silent_member_is_waited_for_without_end_until_it_is_forgotten()
    {
        await StartAsync();
        var purge = await PurgeAsync();
        await PassAsync(seconds: 60);
        Assert.False(_node.ProgressOf(purge).IsComplete);
        Assert.Equal(_silent, Assert.Single(_node.WaitedForWithoutEnd()).Row);

        var answer = await _node.ForgetAsync("b", TestContext.Current.CancellationToken);
        Assert.Equal((Forgetting.Done, _silent), (answer.Outcome, Assert.Single(answer.Members)));
        Assert.True(_node.ProgressOf(purge).IsComplete);
        Assert.Empty(_node.WaitedForWithoutEnd());
        Assert.True((await _log.MembersAsync(TestContext.Current.CancellationToken))!.Rows.Single(row => row.Node == "b").HasLeft); // so that all who remember it hear of it
    }

    [Fact] // it may hold a lease
    public async Task One_that_was_heard_a_lease_and_a_margin_ago_or_less_is_not()
    {
        await StartAsync();
        await PassAsync(seconds: 5);
        var answer = await _node.ForgetAsync("b", TestContext.Current.CancellationToken);
        Assert.Equal((Forgetting.IsHeard, Needed), (answer.Outcome, answer.Needed));
        Assert.InRange(answer.Silent, TimeSpan.FromSeconds(4), Needed);
        await PassAsync(seconds: 10);
        await BeatAsync();
        Assert.Equal(Forgetting.IsHeard, (await _node.ForgetAsync("b", TestContext.Current.CancellationToken)).Outcome);
    }

    [Fact] // nobody knows its lease
    public async Task One_whose_row_is_not_understood_must_have_been_silent_for_the_longest_lease_there_is()
    {
        _silent = _silent with { Lease = TimeSpan.Zero, Fences = false };
        await StartAsync();
        await PassAsync(seconds: 60);
        Assert.Equal(Forgetting.IsHeard, (await _node.ForgetAsync("b", TestContext.Current.CancellationToken)).Outcome);
        Assert.Empty(_node.WaitedForWithoutEnd());
    }

    [Theory]
    [InlineData("a")] // this node itself
    [InlineData("c")]
    public async Task Who_is_no_other_member_is_not_known(string node)
    {
        await StartAsync();
        Assert.Equal(Forgetting.Unknown, (await _node.ForgetAsync(node, TestContext.Current.CancellationToken)).Outcome);
    }

    [Fact]
    public async Task While_the_log_does_not_answer_nobody_is_forgotten()
    {
        await StartAsync();
        await PassAsync(seconds: 60);
        _log.IsAway = true;
        Assert.Equal(Forgetting.NotReached, (await _node.ForgetAsync("b", TestContext.Current.CancellationToken)).Outcome);
    }

    [Fact] // rule 8: L + S + margin
    public async Task Where_it_is_known_how_long_an_old_primary_takes_writes_a_silent_member_is_left_out_so_much_later()
    {
        _log.TakesOverIn = TimeSpan.FromSeconds(3);
        var left = Needed + TimeSpan.FromSeconds(3);
        await StartAsync();
        for (var second = 0; second < 10; second++)
        {
            await PassAsync(seconds: 1); // it has watched for long enough
            await BeatAsync();
        }
        await ConfirmAsync(); // its last beat is seen
        var heard = _time.GetTimestamp();
        var purge = await PurgeAsync();
        while (_time.GetElapsedTime(heard) <= left)
        {
            Assert.Equal(_silent.Node, Assert.Single(_node.ProgressOf(purge).Pending).Row.Node);
            _time.Advance(TimeSpan.FromSeconds(0.25));
            await ConfirmAsync();
        }
        var progress = _node.ProgressOf(purge);
        Assert.True(progress.IsComplete);
        Assert.Equal(_silent, Assert.Single(progress.LeftOut));
        Assert.Empty(_node.WaitedForWithoutEnd());
    }

    [Fact] // rule 8: an old primary that takes no writes any more answers reads, and who beats at the new one is silent there
    public void By_reads_alone_nobody_is_left_out_where_a_primary_may_have_been_replaced()
    {
        _log.TakesOverIn = TimeSpan.FromSeconds(3);
        var coordinator = new Coordinator(new(ProtocolRules.All), new(Lease), _log, _time, ProtocolRules.All);
        Read(isBeat: true);
        for (var second = 0; second < 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Read(isBeat: false);
        }
        Assert.False(Assert.Single(coordinator.Members()).IsOut);
        Read(isBeat: true);
        Assert.True(Assert.Single(coordinator.Members()).IsOut);

        void Read(bool isBeat) => coordinator.Observe(new(1, 1, [_silent], IsSessionTold: true), _time.GetTimestamp(), _time.GetTimestamp(), isBeat);
    }

    [Fact] // rules 3 and 7
    public async Task One_that_comes_back_is_told_until_it_has_heard_and_counts_from_its_first_beat()
    {
        await StartAsync();
        await PassAsync(seconds: 60);
        await _node.ForgetAsync("b", TestContext.Current.CancellationToken);
        Assert.True(await BeatAsync());
        Assert.True(await BeatAsync()); // the first answer may have been lost
        Assert.False(await BeatAsync(hasHeard: true));
        Assert.False(await BeatAsync());
        Assert.False(_node.ProgressOf(await PurgeAsync()).IsComplete);
    }

    [Fact] // rule 8: reads need not come in order
    public void A_read_from_before_it_came_back_does_not_make_purges_complete_without_it()
    {
        var coordinator = new Coordinator(new(ProtocolRules.All), new(Lease), new MemoryPurgeLog(_time), _time, ProtocolRules.All);
        Read(_silent with { Beat = 5 });
        var before = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        Read(_silent with { Beat = 6 });
        coordinator.Observe(Rows((_silent with { Beat = 5 }).Gone()), before, _time.GetTimestamp());
        Assert.Equal(6, Assert.Single(coordinator.Members()).Row.Beat);
        Read((_silent with { Beat = 6 }).Gone());
        Assert.Empty(coordinator.Members());

        void Read(MemberRow row) => coordinator.Observe(Rows(row), _time.GetTimestamp(), _time.GetTimestamp());
        static MembersAnswer Rows(MemberRow row) => new(1, 1, [row], IsSessionTold: true);
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private async Task StartAsync()
    {
        await _node.StartAsync(Patience);
        await BeatAsync();
        await PassAsync(seconds: 1);
    }

    private async Task<bool> BeatAsync(bool hasHeard = false)
    {
        _silent = _silent with { Beat = _silent.Beat + 1 };
        return (await _log.BeatAsync(new(_silent, 0, null, 1) { HasHeard = hasHeard }, TestContext.Current.CancellationToken))!.WasForgotten;
    }

    private async Task<Appended> PurgeAsync()
    {
        var purge = await _node.AppendAsync([PurgeSelector.Everything], PurgeMode.Hard, "ops", TestContext.Current.CancellationToken);
        await ConfirmAsync();
        return purge!;
    }

    private async Task PassAsync(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await ConfirmAsync();
        }
    }

    private async Task ConfirmAsync() => Assert.True(await _node.ConfirmAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken));

    private sealed class ReplicatedLog(TimeProvider time) : MemoryPurgeLog(time)
    {
        public bool IsAway { get; set; }

        public override bool IsLocal => false;

        /// <summary>Null: nobody knows.</summary>
        public TimeSpan? TakesOverIn { get; set; }

        public override TimeSpan? TakeOverTime => TakesOverIn;

        public override Task<BeatAnswer?> BeatAsync(Beat beat, CancellationToken cancel) => IsAway ? Task.FromResult<BeatAnswer?>(null) : base.BeatAsync(beat, cancel);
    }
}
