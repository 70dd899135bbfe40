using DistCache.Storage.Memory;

namespace DistCache.Storage.Tests.Memory;

public sealed class FrequencySketchTests
{
    private const long Plenty = long.MaxValue;
    private const int Step = 32 << 10;

    private readonly FrequencySketch _sketch = new();

    [Fact]
    public void A_key_that_was_never_added_counts_zero()
    {
        Assert.Equal(0, _sketch.Estimate(7));
    }

    [Fact]
    public void It_counts_up_to_fifteen_and_no_further()
    {
        MakeFor(1000);
        for (var i = 1; i <= 20; i++)
        {
            _sketch.Add(7);
            Assert.Equal(Math.Min(i, 15), _sketch.Estimate(7));
        }
    }

    [Fact]
    public void It_never_counts_a_key_too_low_while_nothing_is_forgotten()
    {
        const int Keys = 1000;
        MakeFor(Keys * 4);
        var added = new int[Keys];
        var random = new Random(3);
        for (var i = 0; i < 4000; i++)
        {
            var key = random.Next(Keys);
            added[key]++;
            _sketch.Add(Hash(key));
        }
        var tooLow = Enumerable.Range(0, Keys).Count(key => _sketch.Estimate(Hash(key)) < Math.Min(added[key], 15));
        // 4,000 of the 160,000 additions after which every counter is halved: the hand has been at one counter in forty.
        Assert.InRange(tooLow, 0, Keys / 10);
        Assert.InRange(Enumerable.Range(0, Keys).Sum(key => (double)Math.Max(0, _sketch.Estimate(Hash(key)) - added[key])) / Keys, 0, 0.1);
    }

    [Fact]
    public void What_is_no_longer_asked_for_is_forgotten()
    {
        const int Keys = 1024;
        MakeFor(Keys);
        for (var i = 0; i < 15; i++)
            _sketch.Add(Hash(0));
        for (var i = 0; i < 40 * Keys * 4; i++)
            _sketch.Add(Hash(1 + (i % 50)));
        Assert.InRange(_sketch.Estimate(Hash(0)), 0, 2);
    }

    [Fact]
    public void What_it_knows_stays_when_it_grows()
    {
        MakeFor(100);
        for (var i = 0; i < 9; i++)
            _sketch.Add(7);
        MakeFor(100_000);
        Assert.InRange(_sketch.Estimate(7), 9, 15);
    }

    [Fact]
    public void It_takes_32_bytes_for_each_key_in_steps_of_32_KiB()
    {
        MakeFor(100_000);
        Assert.InRange(_sketch.Footprint, 100_000 * 32, (100_000 * 32) + Step);
    }

    [Fact]
    public void It_grows_and_shrinks_by_a_little_at_a_time()
    {
        foreach (var keys in (int[])[1_000_000, 100])
            for (long before = -1, now = _sketch.Footprint; now != before;)
            {
                _sketch.MakeFor(keys, Plenty);
                (before, now) = (now, _sketch.Footprint);
                Assert.InRange(now - before, -8 * Step, 8 * Step);
            }
        Assert.InRange(_sketch.Footprint, 100 * 32, 4 * 100 * 32);
    }

    [Fact]
    public void What_it_knows_stays_whatever_its_size_becomes() // of two counters that become one, the larger counts
    {
        const int Keys = 2000;
        MakeFor(100_000);
        for (var key = 0; key < Keys; key++)
            for (var i = 0; i < key % 16; i++)
                _sketch.Add(Hash(key));
        var known = Enumerable.Range(0, Keys).Select(key => _sketch.Estimate(Hash(key))).ToArray();
        Assert.InRange(known.Average(), 7, 15);
        var random = new Random(4);
        for (var i = 0; i < 100; i++)
        {
            MakeFor(random.Next(16, 200_000));
            for (var key = 0; key < Keys; key++)
                Assert.InRange(_sketch.Estimate(Hash(key)), known[key], 15);
        }
    }

    [Fact]
    public void It_takes_no_more_bytes_than_it_may_and_forgets_as_slowly_as_if_it_had_them()
    {
        const int Keys = 100_000;
        const int May = 1_500_000;
        MakeFor(Keys, May);
        Assert.InRange(_sketch.Footprint, May / 2, May);
        for (var i = 0; i < 15; i++)
            _sketch.Add(7);
        for (var i = 0; i < 20 * Keys; i++) // half of the additions after which all is halved
            _sketch.Add(8);
        Assert.InRange(_sketch.Estimate(7), 7, 15); // once at most
        for (var i = 0; i < 3 * 40 * Keys; i++)
            _sketch.Add(8);
        Assert.InRange(_sketch.Estimate(7), 0, 1); // three times at least
    }

    [Fact]
    public void Far_too_large_it_forgets_no_more_at_once_than_one_who_adds_can_wait_for() // as after a purge of everything
    {
        const int Keys = 2000;
        MakeFor(1_000_000);
        for (var key = 0; key < Keys; key++)
            for (var i = 0; i < 8; i++)
                _sketch.Add(Hash(key));
        var known = Enumerable.Range(0, Keys).Sum(key => _sketch.Estimate(Hash(key)));
        _sketch.MakeFor(16, Plenty); // one small step smaller
        for (var i = 0; i < 16; i++)
            _sketch.Add(7);
        Assert.InRange(known - Enumerable.Range(0, Keys).Sum(key => _sketch.Estimate(Hash(key))), 0, Keys / 20);
    }

    private void MakeFor(long keys, long most = Plenty)
    {
        for (var before = -1L; before != _sketch.Footprint;)
        {
            before = _sketch.Footprint;
            _sketch.MakeFor(keys, most);
        }
    }

    private static ulong Hash(int key) => Stored.HashOf("/" + key);
}
