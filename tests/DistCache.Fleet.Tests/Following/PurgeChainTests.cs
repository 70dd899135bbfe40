using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;

namespace DistCache.Fleet.Tests.Following;

/// <summary>A stamp is translated into this node's count by what stands in the log up to it, and by nothing that this node happens to know besides.</summary>
public sealed class PurgeChainTests
{
    private const ulong Log = 7;

    [Fact] // the follower applies a whole answer to the index, and then adds one record after the other
    public void While_a_batch_is_taken_a_stamp_claims_no_record_behind_it()
    {
        var chain = Chain();
        var (first, second) = (Entry(Cursor.Start, 1), Entry(Cursor.Start.Next(1), 2));
        chain.Add(first, 1); // the index is at 2 by now
        Assert.Equal(1, AsOf(chain, first.At));
        chain.Add(second, 2);
        Assert.Equal((1, 2), (AsOf(chain, first.At), AsOf(chain, second.At)));
    }

    [Fact] // a write's own invalidation has a count and no place; nor has the moment from which on all that is held is suspect
    public void A_stamp_does_not_claim_what_this_node_counted_between_two_records()
    {
        var chain = Chain();
        var (first, second) = (Entry(Cursor.Start, 1), Entry(Cursor.Start.Next(1), 2));
        chain.Add(first, 1);
        const long write = 2;
        Assert.True(AsOf(chain, first.At) < write);
        chain.Add(second, 3);
        Assert.True(AsOf(chain, first.At) < write);
    }

    [Fact] // the other record stood in the log before the write was made, and was heard of after it
    public void While_the_log_has_not_taken_what_this_node_counted_no_stamp_claims_it_wherever_it_stands()
    {
        var chain = Chain();
        var (first, second, own) = (Entry(Cursor.Start, 1), Entry(Cursor.Start.Next(1), 2), Entry(Cursor.Start.Next(1).Next(2), 3));
        chain.Add(first, 1);
        chain.IsToldUpTo(1);
        const long write = 2;
        chain.Add(second, 3);
        Assert.True(AsOf(chain, second.At) < write);
        chain.Add(own, 4);
        chain.IsToldUpTo(long.MaxValue);
        Assert.Equal((1, 3, 4), (AsOf(chain, first.At), AsOf(chain, second.At), AsOf(chain, own.At)));
    }

    [Fact] // after a regression it may stand in front of what was applied before it
    public void A_record_that_has_moved_is_claimed_by_no_stamp_before_its_new_place()
    {
        var chain = Chain();
        chain.Add(Entry(Cursor.Start, 1), 1);
        chain.Add(Entry(Cursor.Start.Next(1), 2), 2);
        var (moved, behind) = (Entry(Cursor.Start, 2), Entry(Cursor.Start.Next(2), 1));
        chain.Replace(0, [(moved, 2), (behind, 1)]);
        Assert.Equal((0, 0, 2), (AsOf(chain, Cursor.Start), AsOf(chain, moved.At), AsOf(chain, behind.At)));
    }

    [Fact]
    public void What_was_forgotten_does_not_make_the_base_newer()
    {
        var chain = Chain();
        var (first, second) = (Entry(Cursor.Start, 1), Entry(Cursor.Start.Next(1), 2));
        chain.Add(first, 1);
        chain.Add(second, 5);
        chain.KeepLast(1);
        Assert.Equal((1, 5), (AsOf(chain, first.At), AsOf(chain, second.At)));
    }

    [Fact] // L7, L8: bounded in bytes as well, since a client's writes may bring selectors as long as they like
    public void Long_records_are_remembered_for_a_shorter_time()
    {
        var chain = Chain();
        var entries = new List<LogEntry>();
        for (var id = 1ul; id <= 10; id++)
        {
            entries.Add(Entry(entries.Count == 0 ? Cursor.Start : entries[^1].At, id, length: 500_000));
            chain.Add(entries[^1], (long)id);
        }
        Assert.Equal(0, chain.LowestWithin(20_000_000));
        Assert.Equal(8, chain.LowestWithin(3_500_000));
        Assert.Equal(11, chain.LowestWithin(1));
        chain.KeepLast(100, mostBytes: 3_500_000);
        Assert.Equal([8ul, 9, 10], chain.Behind(0).Select(entry => entry.Record.Id));
        Assert.Equal((7, 8), (AsOf(chain, entries[6].At), AsOf(chain, entries[7].At))); // the place behind which they begin is known,
        Assert.Equal(StampPlace.Foreign, chain.PlaceOf(new(Log, 5, entries[4].At.Link), out _)); // and what lies before is not believed
        Assert.Null(chain.CountOf(7));
        chain.Replace(8, [(Entry(entries[7].At, 11), 11)]);
        Assert.Equal(0, chain.LowestWithin(2_000_000)); // what was replaced counts no more
        chain.KeepLast(100, mostBytes: 1);
        Assert.Equal(11ul, Assert.Single(chain.Behind(0)).Record.Id); // the head stays
    }

    private static PurgeChain Chain()
    {
        var chain = new PurgeChain(ProtocolRules.All);
        chain.Restart(Log, Cursor.Start, 0);
        return chain;
    }

    private static LogEntry Entry(Cursor after, ulong id, int length = 0) =>
        new(after.Next(id), DateTimeOffset.UnixEpoch, new(id, [new(PurgeScope.Tag, new('x', length))], PurgeMode.Hard, ""));

    private static long AsOf(PurgeChain chain, Cursor at)
    {
        Assert.Equal(StampPlace.Known, chain.PlaceOf(new(Log, at.Position, at.Link), out var asOf));
        return asOf;
    }
}
