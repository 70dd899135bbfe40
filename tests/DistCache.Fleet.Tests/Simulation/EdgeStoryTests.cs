using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Storage.Purging;
using DistCache.Storage.Tests.Shared.Kit;
using Microsoft.AspNetCore.Http;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>
/// Rules of the request path whose counterexample random schedules do not meet, each told twice on whole edges (<see cref="SimulatedNode"/>): with all
/// rules the floor holds, without the one it does not. Where a rule is about what is spared, what is counted are fetches, or what is kept for nothing.
/// </summary>
public sealed class EdgeStoryTests
{
    private const long Second = 1_000_000;

    [Fact] // V16: bad bytes may share an entity tag with the good ones
    public void Rule_11_of_what_is_purged_hard_nothing_is_left_to_be_confirmed() => Tell(new() { HardIsGone = false }, stage =>
    {
        stage.Origin.EntityTag = "\"same\"";
        stage.Ask();
        stage.Origin.Version[0] = 2;
        stage.Purge(PurgeMode.Hard);
        stage.Ask();
    });

    [Fact] // V16: two versions of one second
    public void Rule_12_after_a_purge_a_weak_validator_confirms_nothing() => Tell(new() { OnlyStrongConfirm = false }, stage =>
    {
        stage.Origin.LastModified = stage.Now;
        stage.Ask();
        stage.Origin.Version[0] = 2;
        stage.Purge(PurgeMode.Soft);
        stage.Ask(); // stale, and validated behind it
        stage.Ask();
    });

    [Fact]
    public void Rule_12_the_answer_to_a_HEAD_raises_no_as_of() => Tell(new() { HeadKeepsAsOf = false }, stage =>
    {
        (stage.Origin.EntityTag, stage.Origin.CacheControl) = ("\"same\"", "max-age=3600");
        stage.Ask();
        stage.Origin.Version[0] = 2;
        stage.Purge(PurgeMode.Soft);
        stage.IsOffline = true; // only the HEAD gets through
        stage.Ask("HEAD");
        _ = stage.AskLater();
        stage.Pass(Second);
    });

    [Fact] // V10 (iv): it is purged between the judgement and the note of it
    public void Rule_13_what_is_noted_as_checked_is_the_version_before_the_look_up()
    {
        Assert.False(IsValidAfter(PathRules.All));
        Assert.True(IsValidAfter(new() { VersionBeforeLookUp = false }));

        static bool IsValidAfter(PathRules rules)
        {
            var stage = new Stage(rules);
            var (purges, index) = (stage.Edge.Purges, stage.Edge.Index);
            var racing = new RacingTags(() => index.Apply([new(PurgeScope.Url, "https://example.org/a")], PurgeMode.Hard, 0));
            var stored = Copies.Response(new(1 << 20), "a", [1], stage.Edge.Process.GetTimestamp(), tags: racing);
            index.Apply([new(PurgeScope.Tag, "other")], PurgeMode.Hard, 0);
            Assert.True(purges.MayUse(stored, purges.Version, isFenced: false, out _));
            return purges.MayUse(stored, purges.Version, isFenced: false, out _);
        }
    }

    [Fact] // by its as-of nobody could be served it: it would be kept for nothing, here and in the shared tier
    public void Rule_15_what_a_purge_has_overtaken_is_not_stored()
    {
        Assert.Equal(0, KeptBy(PathRules.All));
        Assert.Equal(1, KeptBy(new() { JudgesAtEnd = false }));

        static int KeptBy(PathRules rules)
        {
            var stage = new Stage(rules);
            var answer = stage.Hold();
            var asked = stage.AskLater();
            stage.Pass(Second);
            stage.Purge(PurgeMode.Hard);
            answer.SetResult();
            stage.Pass(Second);
            Assert.True(asked.IsCompletedSuccessfully);
            return stage.Edge.Stored;
        }
    }

    [Theory] // rule 23: no herd, however often it is purged while they run
    [InlineData(true, 2)]
    [InlineData(false, 5)]
    public void Rules_15_and_23_however_many_purges_come_two_fetches_of_a_key_are_under_way(bool twoAtMost, int asked)
    {
        var stage = new Stage(new PathRules { TwoFillsAtMost = twoAtMost });
        var answer = stage.Hold();
        for (var i = 0; i < 5; i++)
        {
            _ = stage.AskLater();
            stage.Pass(Second);
            stage.Purge(PurgeMode.Hard);
        }
        Assert.Equal(asked, stage.Origin.Asked[0]);
        answer.SetResult();
        stage.Pass(3 * Second);
        Assert.Empty(stage.Edge.Unanswered);
    }

    [Fact] // V13: between the append and the write a fetch carries the new as-of and the old body
    public void Rule_22_what_a_write_makes_invalid_is_appended_once_the_origin_has_it() => Tell(new() { AppendsAfterAnswer = false }, stage =>
    {
        stage.Ask();
        var written = stage.Hold(HttpMethods.Post);
        var writing = stage.AskLater("POST");
        stage.Pass(Second);
        stage.Ask();
        if (!stage.Rules.AppendsAfterAnswer)
            stage.SkipsInvalidation = true; // it has been said already
        written.SetResult();
        stage.Pass(Second);
        Assert.True(writing.IsCompletedSuccessfully);
        stage.Floors.Raise(0, PurgeMode.Hard, [2, 0]);
        stage.Ask();
    });

    [Fact]
    public void Rule_22_here_it_counts_before_the_writer_has_its_answer() => Tell(new() { LocalBeforeAnswer = false }, stage =>
    {
        stage.Ask();
        stage.Edge.Link.IsCut = true; // the log hears of it later
        var writing = stage.AskLater("POST");
        stage.Pass(Second / 4);
        Assert.True(writing.IsCompletedSuccessfully);
        stage.Floors.Raise(0, PurgeMode.Hard, [2, 0]);
        stage.Ask();
    });

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 3)]
    public void Rule_22_writes_share_records(bool shares, long records)
    {
        var stage = new Stage(new PathRules { WritesShareRecords = shares });
        for (var i = 0; i < 3; i++)
            _ = stage.AskLater("POST", key: i % 2);
        stage.Pass(Second);
        Assert.Equal(records, stage.Records);
    }

    [Theory] // L5
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void Rule_19_nobody_waits_for_a_fetch_that_a_purge_has_overtaken(bool onlyForWhatCounts, int asked)
    {
        var stage = new Stage(new PathRules { WaitsOnlyForWhatCounts = onlyForWhatCounts });
        var other = stage.Start("b");
        stage.Hold();
        _ = stage.AskLater(edge: other);
        stage.Pass(Second / 2);
        stage.Purge(PurgeMode.Hard);
        _ = stage.AskLater();
        stage.Pass(Second / 2);
        Assert.Equal(asked, stage.Origin.Asked[0]);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void Rule_19_a_fenced_node_waits_for_no_other(bool waitsForNobody, int asked)
    {
        var stage = new Stage(new PathRules { FencedWaitsForNobody = waitsForNobody });
        var other = stage.Start("b");
        stage.Hold();
        stage.Edge.Link.IsCut = true;
        stage.Pass(3 * Second);
        Assert.False(stage.Edge.Fleet.HoldsLease);
        _ = stage.AskLater(edge: other);
        stage.Pass(Second / 2);
        _ = stage.AskLater();
        stage.Pass(Second / 2);
        Assert.Equal(asked, stage.Origin.Asked[0]);
    }

    [Fact] // a member that is not heard is read of again and again: not once for each who waits
    public void Rule_23_who_waits_for_purges_shares_one_watch()
    {
        Assert.InRange(ReadsOf(new() { OneWatchForAll = false }), 3 * ReadsOf(ProtocolRules.All), long.MaxValue);

        static long ReadsOf(ProtocolRules rules)
        {
            var stage = new Stage(new SimulationOptions { Rules = rules });
            stage.Start("b").Link.IsCut = true;
            for (var i = 0; i < 4; i++)
                stage.PurgeLater(new(PurgeScope.Tag, $"{i}"));
            stage.Pass(Second / 10); // all of them are in the log
            var before = stage.Edge.Link.Reads;
            stage.Pass(Second / 10);
            return stage.Edge.Link.Reads - before;
        }
    }

    [Theory] // a member that serves on is waited for without end: it finds the records that it has missed, or must suspect all that it holds
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public void Rule_10_nothing_is_trimmed_that_a_live_member_has_not_applied(bool keepsForMembers, int asked)
    {
        var stage = new Stage(new SimulationOptions { Rules = new() { KeepsForMembers = keepsForMembers }, Partition = Partition.Serve });
        var away = stage.Start("b");
        _ = stage.AskLater(edge: away);
        stage.Pass(Second);
        away.Link.IsCut = true;
        var name = new string('x', 1 << 20);
        for (var i = 0; i < 40; i++) // more than is kept for nobody
            stage.PurgeLater(new(PurgeScope.Tag, name + i));
        stage.Pass(90 * Second);
        away.Link.IsCut = false;
        stage.Pass(10 * Second);
        Assert.True(away.Fleet.HoldsLease);
        _ = stage.AskLater(edge: away);
        stage.Pass(Second);
        Assert.Equal(asked, stage.Origin.Asked[0]);
        Assert.Null(stage.Violation);
    }

    private static void Tell(PathRules off, Action<Stage> story)
    {
        var sound = new Stage(PathRules.All);
        story(sound);
        Assert.Null(sound.Violation);
        var broken = new Stage(off);
        story(broken);
        Assert.NotNull(broken.Violation);
    }

    /// <summary>While its tags are looked up the page is purged by its URL, which has been looked up by then.</summary>
    private sealed class RacingTags(Action purge) : IReadOnlyList<string>
    {
        private bool _isDone;

        public int Count => 1;

        public string this[int index] => "page";

        public IEnumerator<string> GetEnumerator()
        {
            if (!_isDone)
                purge();
            _isDone = true;
            yield return "page";
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>One edge that holds a lease, its log, and an origin that answers at once.</summary>
    private sealed class Stage : ISimulated
    {
        private readonly SimulatedLog _log;
        private readonly MemoryStore _store;
        private ulong _ids;

        public Stage(PathRules rules)
            : this(new SimulationOptions { Path = rules })
        {
        }

        public Stage(SimulationOptions options)
        {
            Options = options;
            Origin = new(Schedule) { Before = _ => Task.CompletedTask };
            _log = new(new Process(Schedule, Machine.Exact), ProtocolRules.All, () => ++_ids);
            _store = new(new Process(Schedule, Machine.Exact));
            Edge = Start("a");
        }

        /// <summary>Holds a lease when it returns.</summary>
        public SimulatedNode Start(string name)
        {
            SimulatedNode? edge = null;
            var process = new Process(Schedule, Machine.Exact);
            var parts = new NodeParts(process, new(Schedule, process, _log, loss: 0) { IsPrompt = true }, new(Schedule, process, _store) { Delay = 500 }, new MemoryJournal(), ++_ids);
            Schedule.In(0, () => edge = new(this, name, parts));
            Pass(5 * Second);
            Assert.True(edge!.Fleet.HoldsLease);
            return edge;
        }

        public Schedule Schedule { get; } = new(seed: 1);

        public SimulationOptions Options { get; }

        public SimulatedOrigin Origin { get; }

        public Floors Floors { get; } = new();

        public SimulatedNode Edge { get; }

        /// <summary>Records in the log.</summary>
        public long Records => _log.Length;

        public PathRules Rules => Options.Path;

        public string? Violation { get; private set; }

        public DateTimeOffset Now => Edge.Process.GetUtcNow();

        /// <summary>The origin answers no GET any more.</summary>
        public bool IsOffline
        {
            set => Origin.Before = context => value && HttpMethods.IsGet(context.Request.Method) ? new TaskCompletionSource().Task : Task.CompletedTask;
        }

        public bool SkipsInvalidation { set => Edge.SkipsInvalidation = value; }

        public void Fail(string what) => Violation ??= what;

        public void Pass(long time) => Schedule.RunUntil(Schedule.Now + time, static () => true);

        public Task AskLater(string method = "GET", SimulatedNode? edge = null, int key = 0)
        {
            var asked = Task.CompletedTask;
            Schedule.In(0, () => asked = (edge ?? Edge).AskAsync(key, method));
            Pass(1);
            return asked;
        }

        public void Ask(string method = "GET")
        {
            var asked = AskLater(method);
            Pass(Second / 10);
            Assert.True(asked.IsCompletedSuccessfully);
        }

        /// <summary>Until it is done the origin answers none of these.</summary>
        public TaskCompletionSource Hold(string method = "GET")
        {
            var held = new TaskCompletionSource();
            Origin.Before = context => context.Request.Method == method ? held.Task : Task.CompletedTask;
            return held;
        }

        /// <summary>Of that selector, by that edge; it is not waited for.</summary>
        public void PurgeLater(PurgeSelector selector) => Schedule.In(0, () => _ = Edge.PurgeAsync(new(++_ids, [selector], PurgeMode.Hard, ""), null, static () => { }));

        /// <summary>Acknowledged when it returns.</summary>
        public void Purge(PurgeMode mode)
        {
            var isDone = false;
            int[] versions = [Origin.Version[0], 0];
            Schedule.In(0, () => _ = Edge.PurgeAsync(new(++_ids, [new(PurgeScope.Url, "http://shop.example/a")], mode, ""), null, () =>
            {
                isDone = true;
                Floors.Raise(0, mode, versions);
            }));
            Pass(Second);
            Assert.True(isDone);
        }
    }
}
