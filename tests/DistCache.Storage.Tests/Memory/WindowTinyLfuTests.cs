using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;

namespace DistCache.Storage.Tests.Memory;

/// <summary>Each rule of the policy's description, on residents of 10 bytes where the window has room for two and the main queue for eight.</summary>
public sealed class WindowTinyLfuTests
{
    private static readonly Room Hundred = new(Window: 20, Main: 80);

    private readonly ChunkPool _pool = new(1 << 20);
    private readonly HashSet<Resident> _dead = [];
    private readonly Dictionary<string, Resident> _residents = [];
    private readonly WindowTinyLfu _policy;

    public WindowTinyLfuTests() => _policy = new(_dead.Contains);

    [Fact]
    public void While_there_is_room_in_the_main_queue_the_oldest_of_the_window_moves_there_and_nobody_leaves() // 1, 3
    {
        for (var i = 0; i < 10; i++)
            Assert.Empty(Add("/" + i));
        Assert.Equal(100, _policy.Bytes);
    }

    [Fact]
    public void What_a_smaller_window_has_too_much_moves_by_sixteen_though_there_were_room_for_all() // 3: others wait
    {
        for (var i = 0; i < 100; i++)
            _policy.Add(_residents["/" + i] = Stored.Resident(_pool, "/" + i, 10), new(Window: 1000, Main: 1000));
        var leaving = new List<Resident>();
        for (var left = 100 - 16; left > 2; left -= 16)
        {
            Assert.False(_policy.TryChoose(new(Window: 20, Main: 1000), 0, leaving));
            Assert.Equal(left, _residents.Values.Count(WindowTinyLfu.IsNewcomer));
        }
        Assert.True(_policy.TryChoose(new(Window: 20, Main: 1000), 0, leaving));
        Assert.Equal(["/0"], leaving.Select(Stored.KeyOf));
    }

    [Fact]
    public void A_newcomer_that_was_asked_for_as_often_as_its_victim_takes_its_place() // 5: ties admit
    {
        Fill();
        Assert.Equal(["/0"], Add("/new"));
    }

    [Fact]
    public void A_newcomer_that_was_asked_for_less_than_its_victim_leaves_itself() // 5
    {
        Fill();
        Visit("/0");
        ClearBits("/0");
        Assert.Equal(["/8"], Add("/new")); // the window's oldest is the candidate
    }

    [Fact]
    public void The_first_victim_goes_to_the_end_when_it_has_turned_someone_away() // 5: it must not turn away everyone
    {
        Fill();
        Visit("/0");
        ClearBits("/0");
        Assert.Equal(["/8"], Add("/new"));
        Assert.Equal(["/1"], Add("/newer"));
    }

    [Fact]
    public void A_large_newcomer_must_be_wanted_as_much_as_all_its_victims_together() // 5: the sum
    {
        Fill();
        Assert.Equal(["/large"], Add("/large", 20, then: 20)); // once, against two victims that were asked for once each
        Assert.Equal(["/3", "/4"], Add("/large", 20, then: 20)); // twice; /2 went to the end when it turned the first one away
    }

    [Fact]
    public void The_hand_passes_eight_visited_ones_at_most_and_clears_their_bits() // 4
    {
        for (var i = 0; i < 20; i++)
            Add("/" + i, bytes: 5); // sixteen in the main queue
        foreach (var i in Enumerable.Range(0, 9))
            _residents["/" + i].Visit(); // the bit alone: all are asked for equally often
        Assert.Equal(["/8"], Add("/new", bytes: 5));
        Assert.All(Enumerable.Range(0, 8), i => Assert.False(_residents["/" + i].IsVisited));
        Assert.Equal(["/9"], Add("/newer", bytes: 5));
    }

    [Fact]
    public void It_counts_for_all_who_are_there_however_large_the_newcomers_are() // small ones are let in more often
    {
        var room = new Room(Window: 2_000_000, Main: 8_000_000); // room for 200 of the usual size
        for (var i = 0; i < 1000; i++)
        {
            _policy.Add(Stored.Resident(_pool, "/small" + i, 10), room);
            var large = Stored.Resident(_pool, "/large" + i, 100_000);
            _policy.Add(large, room);
            _policy.Remove(large);
        }
        Assert.Equal(1024 * 32, _policy.Footprint);
    }

    [Fact]
    public void Only_the_first_hit_since_the_hand_came_by_counts() // 2
    {
        Fill();
        for (var i = 0; i < 100; i++)
            Visit("/0");
        ClearBits("/0");
        Ask("/8", 1); // with joining: twice, as often as /0
        Assert.Equal(["/0"], Add("/new"));
    }

    [Fact]
    public void Who_is_just_being_read_is_passed_like_one_that_was_visited() // 4: its bytes would not come back
    {
        Fill();
        Assert.True(_residents["/0"].TryAcquire());
        Assert.Equal(["/1"], Add("/new"));
    }

    [Fact]
    public void The_dead_count_as_never_asked_for_and_no_bit_saves_them() // 6
    {
        Fill();
        for (var i = 0; i < 15; i++)
            Ask("/0", 1);
        Visit("/0");
        _dead.Add(_residents["/0"]);
        Assert.Equal(["/0"], Add("/new"));
    }

    [Fact]
    public void A_dead_candidate_leaves_instead_of_a_living_victim() // 6
    {
        Fill();
        _dead.Add(_residents["/8"]);
        Ask("/8", 10);
        Assert.Equal(["/8"], Add("/new"));
    }

    [Fact]
    public void One_larger_than_the_window_may_come_only_when_it_is_wanted_enough() // the size ceiling
    {
        Fill();
        var leaving = new List<Resident>();
        var asked = 0;
        while (!_policy.MayCome(Stored.HashOf("/giant"), 40, Hundred, leaving))
            Assert.InRange(++asked, 1, 10); // each refusal counts as a wish
        Assert.Equal(4, asked);
        Assert.Equal(4, leaving.Count);
    }

    [Fact]
    public void One_larger_than_everything_never_comes()
    {
        var leaving = new List<Resident>();
        for (var i = 0; i < 20; i++)
            Assert.False(_policy.MayCome(Stored.HashOf("/giant"), 101, Hundred, leaving));
        Assert.Empty(leaving);
    }

    [Fact]
    public void A_newer_response_keeps_the_place_and_the_bit_of_the_older()
    {
        Fill();
        _residents["/0"].Visit();
        var newer = Stored.Resident(_pool, "/0", 10);
        _policy.Replace(_residents["/0"], newer);
        Assert.True(newer.IsVisited);
        Assert.Equal(["/1"], Add("/new"));
        Assert.Equal(["/2"], Add("/newer"));
    }

    [Fact]
    public void Bytes_are_those_of_whoever_is_there()
    {
        Fill();
        foreach (var resident in _residents.Values)
            _policy.Remove(resident);
        Assert.Equal(0, _policy.Bytes);
    }

    [Fact]
    public void In_which_queue_one_is_does_not_decide_whether_it_is_stored() // in none while it moves: a look-up would miss it
    {
        Fill();
        var resident = _residents["/0"];
        _policy.Remove(resident);
        Assert.Equal((ResidentPlace.None, true), (resident.Place, resident.IsStored));
    }

    [Fact]
    public void Nobody_is_chosen_when_nobody_is_there()
    {
        var leaving = new List<Resident>();
        Assert.True(_policy.TryChoose(Hundred, 0, leaving));
        Assert.Empty(leaving);
    }

    // /0 to /7 in the main queue, the oldest first, /8 and /9 in the window.
    private void Fill()
    {
        for (var i = 0; i < 10; i++)
            Add("/" + i);
    }

    /// <summary>As the tier does: room first, then the newcomer. Who left for it.</summary>
    /// <param name="then">Bytes of a second newcomer, which makes the first one the candidate.</param>
    private string[] Add(string key, long bytes = 10, long then = 0)
    {
        var left = MakeRoom(bytes);
        var resident = _residents[key] = Stored.Resident(_pool, key, bytes);
        _policy.Add(resident, Hundred);
        return then == 0 ? left : MakeRoom(then);
    }

    private string[] MakeRoom(long bytes)
    {
        var left = new List<string>();
        var leaving = new List<Resident>();
        while (_policy.Bytes + bytes > Hundred.Whole)
        {
            leaving.Clear();
            Assert.True(_policy.TryChoose(Hundred, bytes, leaving));
            Assert.NotEmpty(leaving);
            foreach (var resident in leaving)
            {
                left.Add(Stored.KeyOf(resident));
                _policy.Remove(resident);
            }
        }
        return [.. left];
    }

    private void Visit(string key) => _policy.Visit(_residents[key]);

    private void ClearBits(params string[] keys)
    {
        foreach (var key in keys)
            _residents[key].TakeVisit();
    }

    // Wanted without being here: one that may not come is counted each time.
    private void Ask(string key, int times)
    {
        var leaving = new List<Resident>();
        for (var i = 0; i < times; i++)
            Assert.False(_policy.MayCome(Stored.HashOf(key), Hundred.Whole + 1, Hundred, leaving));
    }
}
