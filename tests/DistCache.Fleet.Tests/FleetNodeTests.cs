using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;
using DistCache.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Fleet.Tests;

public sealed class FleetNodeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory] // V11
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rule_21_a_request_shares_no_look_at_the_log_that_was_under_way_when_it_came(bool sharesOnlyLaterLooks)
    {
        var time = new FakeTimeProvider();
        var log = new SlowLog(time);
        await using var node = new FleetNode(log, null, new PurgeIndex(), new() { Node = "a" }, time, new() { SharesOnlyLaterLooks = sharesOnlyLaterLooks });
        log.Answer();
        await node.StartAsync(Patience);
        var first = node.ConfirmAsync(TestContext.Current.CancellationToken);
        await log.ReadAsync();
        PurgeRecord purge = new(7, [PurgeSelector.Everything], PurgeMode.Hard, "");
        await log.AppendAsync(purge, 0, TestContext.Current.CancellationToken);
        var second = node.ConfirmAsync(TestContext.Current.CancellationToken);
        log.Answer();
        Assert.True(await first.WaitAsync(Patience, TestContext.Current.CancellationToken));
        if (sharesOnlyLaterLooks)
        {
            await log.ReadAsync();
            Assert.False(second.IsCompleted);
            log.Answer();
        }
        Assert.True(await second.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(sharesOnlyLaterLooks, node.Find(purge.Id) is not null);
        log.Answer(100);
    }

    [Fact] // rule 19: a lease of the region that names a place before the purge is waited for by nobody who knows it
    public async Task While_a_purge_is_written_to_the_journal_none_is_visible_that_has_no_place_yet()
    {
        var (time, index, journal) = (new FakeTimeProvider(), new PurgeIndex(), new WatchedJournal());
        await using var node = new FleetNode(new SharedMemoryLog(time), journal, index, new() { Node = "a" }, time);
        await node.StartAsync(Patience);
        var kept = 0;
        journal.Keeps = () =>
        {
            kept++;
            Assert.Equal(StampPlace.Known, node.PlaceOf(node.StampOf(index.Version)!.Value, out var asOf));
            Assert.Equal(index.Version, asOf);
        };
        for (var purge = 1; purge <= 3; purge++)
        {
            Assert.NotNull(await node.AppendAsync([PurgeSelector.Everything], PurgeMode.Hard, "", TestContext.Current.CancellationToken));
            Assert.Equal(((long)purge, (long)purge), ((long)kept, index.Version));
        }
    }

    [Fact] // rule 19, of a fill that begins when the first of two purges is visible and the second is not
    public async Task Of_a_purge_that_is_visible_and_has_no_place_yet_a_stamp_is_given_once_it_has_one()
    {
        var (time, index) = (new WatchedTime(), new PurgeIndex());
        var log = new SharedMemoryLog(time);
        for (ulong purge = 1; purge <= 2; purge++)
            await log.AppendAsync(new(purge, [PurgeSelector.Everything], PurgeMode.Hard, ""), 0, TestContext.Current.CancellationToken);
        await using var node = new FleetNode(log, null, index, new() { Node = "a" }, time);
        (long, StampPlace, long)? between = null;
        Thread? asker = null;
        time.Read = () =>
        {
            if (index.Version != 1 || asker is not null)
                return;
            asker = new(() =>
            {
                var count = index.Version;
                between = (count, node.PlaceOf(node.StampOf(count)!.Value, out var asOf), asOf);
            });
            asker.Start();
            Assert.True(SpinWait.SpinUntil(() => asker.ThreadState is ThreadState.Stopped or ThreadState.WaitSleepJoin, Patience));
        };
        await node.StartAsync(Patience);
        Assert.True(asker!.Join(Patience));
        Assert.Equal((1, StampPlace.Known, 1), between);
    }

    [Fact] // rule 4: visible, but not reported; and once, or all that was fetched since would be purged again with each look
    public async Task A_purge_that_the_journal_refuses_is_visible_once_however_often_it_is_read_and_has_its_place_when_it_is_written()
    {
        var (time, index, journal) = (new FakeTimeProvider(), new PurgeIndex(), new WatchedJournal());
        var log = new SharedMemoryLog(time);
        await using var node = new FleetNode(log, journal, index, new() { Node = "a" }, time);
        await node.StartAsync(Patience);
        journal.Takes = false;
        await log.AppendAsync(new(7, [PurgeSelector.Everything], PurgeMode.Hard, ""), 0, TestContext.Current.CancellationToken);
        for (var look = 0; look < 3; look++)
            Assert.False(await ConfirmAsync(node, time));
        Assert.Equal((1, 0), (index.Version, node.Position));
        journal.Takes = true;
        Assert.True(await ConfirmAsync(node, time));
        Assert.Equal((1, 1), (index.Version, node.Position));
        Assert.Equal(StampPlace.Known, node.PlaceOf(node.StampOf(1)!.Value, out var asOf));
        Assert.Equal(1, asOf);
    }

    [Fact]
    public async Task What_the_journal_has_refused_and_the_log_has_lost_keeps_no_node_from_its_lease()
    {
        var (time, index, journal) = (new FakeTimeProvider(), new PurgeIndex(), new WatchedJournal());
        var log = new SharedMemoryLog(time);
        await using var node = new FleetNode(log, journal, index, new() { Node = "a" }, time);
        await node.StartAsync(Patience);
        Assert.NotNull(await node.AppendAsync([PurgeSelector.Everything], PurgeMode.Hard, "", TestContext.Current.CancellationToken));
        journal.Takes = false;
        await log.AppendAsync(new(7, [PurgeSelector.Everything], PurgeMode.Hard, ""), 0, TestContext.Current.CancellationToken);
        Assert.False(await ConfirmAsync(node, time));
        log.LoseLast();
        journal.Takes = true;
        Assert.True(await ConfirmAsync(node, time));
        Assert.True(node.HoldsLease);
        Assert.Equal((2, 1), (index.Version, node.Position));
    }

    [Fact]
    public async Task A_look_that_ends_by_a_defect_is_told_and_tried_again()
    {
        var (time, index, journal, told) = (new FakeTimeProvider(), new PurgeIndex(), new WatchedJournal(), new List<Exception>());
        var log = new SharedMemoryLog(time);
        await using var node = new FleetNode(log, journal, index, new() { Node = "a" }, time);
        node.Failed += told.Add;
        await node.StartAsync(Patience);
        journal.Keeps = () => throw new InvalidOperationException("a defect");
        await log.AppendAsync(new(7, [PurgeSelector.Everything], PurgeMode.Hard, ""), 0, TestContext.Current.CancellationToken);
        for (var look = 0; look < 3; look++)
            Assert.False(await ConfirmAsync(node, time));
        Assert.Equal("a defect", Assert.Single(told).Message); // at the bell; not with each look
        journal.Keeps = static () => { };
        Assert.True(await ConfirmAsync(node, time));
        Assert.Equal((1, 1), (index.Version, node.Position));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_asks_a_node_that_has_stopped_is_told_no_at_once_and_does_not_hang(bool isDisposed)
    {
        var time = new FakeTimeProvider();
        var log = new SlowLog(time);
        await using var node = new FleetNode(log, null, new PurgeIndex(), new() { Node = "a" }, time);
        log.Answer(100);
        await node.StartAsync(Patience);
        Assert.True(await node.ConfirmAsync(TestContext.Current.CancellationToken));
        if (isDisposed)
            await node.DisposeAsync();
        else
            await node.StopAsync();
        var asked = node.ConfirmAsync(TestContext.Current.CancellationToken);
        Assert.True(asked.IsCompletedSuccessfully);
        Assert.False(await asked);
    }

    [Fact] // rule 10
    public async Task The_log_is_bounded_in_bytes_too()
    {
        var time = new FakeTimeProvider();
        var log = new SharedMemoryLog(time);
        await using var node = new FleetNode(log, null, new PurgeIndex(), new() { Node = "a" }, time);
        await node.StartAsync(Patience);
        var selector = new PurgeSelector(PurgeScope.Tag, new('x', 1 << 20));
        for (var i = 0; i < 40; i++)
            Assert.NotNull(await node.AppendAsync([selector], PurgeMode.Hard, "", TestContext.Current.CancellationToken));
        for (var tidied = 0; tidied < 2; tidied++) // the first time may come between a beat before the last append and what follows that beat
        {
            time.Advance(TimeSpan.FromMinutes(2));
            for (var beats = 0; beats < 2; beats++) // what follows the first one is done before the second
                Assert.True(await node.ConfirmAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken));
        }
        Assert.InRange(log.Lowest, 25, 27); // 32 MiB of characters of two bytes
    }

    [Fact] // rule 10, P15
    public async Task A_node_that_was_away_while_the_log_forgot_all_it_knows_starts_again_at_once_and_walks_through_nothing()
    {
        var time = new FakeTimeProvider();
        var log = new SharedMemoryLog(time);
        await using var node = new FleetNode(log, null, new PurgeIndex(), new() { Node = "a" }, time);
        await node.StartAsync(Patience);
        Assert.NotNull(await node.AppendAsync([PurgeSelector.Everything], PurgeMode.Hard, "", TestContext.Current.CancellationToken));
        for (var beats = 0; beats < 2; beats++) // after the second the node is at rest until somebody asks it, for time stands still
            Assert.True(await node.ConfirmAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken));
        for (var i = 0; i < 10; i++)
            log.AppendUnheard(new(PurgeRecord.NewId(), [PurgeSelector.Everything], PurgeMode.Hard, ""));
        await log.TrimAsync(8, TestContext.Current.CancellationToken);
        Assert.True(await node.ConfirmAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal((11, 0), (node.Position, log.StepsBack));
    }

    private sealed class SharedMemoryLog(TimeProvider time) : MemoryPurgeLog(time)
    {
        public override bool IsLocal => false;

        public int StepsBack { get; private set; }

        public void LoseLast() => Locked(() => Entries.RemoveAt(Entries.Count - 1));

        public void AppendUnheard(PurgeRecord record) => Locked(() => Add(new(Next(record), DateTimeOffset.UnixEpoch, record)));

        public override Task<IReadOnlyList<LogEntry>?> ReadBackAsync(long before, int most, CancellationToken cancel)
        {
            StepsBack++;
            return base.ReadBackAsync(before, most, cancel);
        }

        public long Lowest => Base.Position + 1;
    }

    [Fact]
    public async Task It_may_be_disposed_of_twice()
    {
        var node = FleetNode.Alone(new PurgeIndex(), TimeProvider.System);
        await node.DisposeAsync();
        await node.DisposeAsync();
    }

    /// <summary>Time goes on until it is known: after a look that has failed the next one comes a while later.</summary>
    private static async Task<bool> ConfirmAsync(FleetNode node, FakeTimeProvider time)
    {
        var asked = node.ConfirmAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() =>
        {
            if (!asked.IsCompleted)
                time.Advance(TimeSpan.FromMilliseconds(250));
            return asked.IsCompleted;
        });
        return await asked;
    }

    /// <summary>Each beat is read at once, and answered when the test says so; no bell rings.</summary>
    private sealed class SlowLog(TimeProvider time) : IPurgeLog
    {
        private readonly MemoryPurgeLog _log = new(time);
        private readonly SemaphoreSlim _read = new(0);
        private readonly SemaphoreSlim _answers = new(0);

        event Action<LogEntry>? IPurgeLog.Bell
        {
            add { }
            remove { }
        }

        public bool IsLocal => false;

        public TimeSpan? TakeOverTime => TimeSpan.Zero;

        public void Answer(int beats = 1) => _answers.Release(beats);

        public async Task ReadAsync() => Assert.True(await _read.WaitAsync(Patience));

        public async Task<BeatAnswer?> BeatAsync(Beat beat, CancellationToken cancel)
        {
            var answer = await _log.BeatAsync(beat, cancel);
            if (beat.Row.Beat > 1)
                _read.Release();
            await _answers.WaitAsync(cancel);
            return answer;
        }

        public Task<LogEntry?> AppendAsync(PurgeRecord record, long after, CancellationToken cancel) => _log.AppendAsync(record, after, cancel);

        public Task<MembersAnswer?> MembersAsync(CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<LogEntry>?> ReadBackAsync(long before, int most, CancellationToken cancel) => _log.ReadBackAsync(before, most, cancel);

        public Task<bool> PutBackAsync(Cursor tail, IReadOnlyList<LogEntry> lost, CancellationToken cancel) => _log.PutBackAsync(tail, lost, cancel);

        public Task TrimAsync(long below, CancellationToken cancel) => _log.TrimAsync(below, cancel);

        public Task<bool?> ForgetAsync(MemberRow member, CancellationToken cancel) => _log.ForgetAsync(member, cancel);

        public Task RemoveAsync(IReadOnlyList<MemberRow> members, CancellationToken cancel) => _log.RemoveAsync(members, cancel);

        public ValueTask DisposeAsync()
        {
            _read.Dispose();
            _answers.Dispose();
            return default;
        }
    }

    /// <summary>Tells when somebody looks at it.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        public Action Read { get; set; } = static () => { };

        public override DateTimeOffset GetUtcNow()
        {
            Read();
            return base.GetUtcNow();
        }
    }

    private sealed class WatchedJournal : IJournal
    {
        public Action Keeps { get; set; } = static () => { };

        public bool Takes { get; set; } = true;

        public IJournal.Kept? Read() => null;

        public bool TryBegin(ulong log, Cursor start) => true;

        public bool TryKeep(IReadOnlyList<LogEntry> entries)
        {
            Keeps();
            return Takes;
        }
    }
}
