using DistCache.Storage.Bodies;

namespace DistCache.Storage.Memory;

/// <summary>
/// Residents by key; those of one key are its variants. A look-up takes no lock and allocates nothing: the hash leads to a chain of
/// residents, whose keys are compared in their records. Changed under the tier's lock.
/// </summary>
/// <remarks>
/// Many small tables in place of one: each grows by itself, so nobody waits for all to be moved. A look-up that finds nothing while its table
/// changed looks again, for the chain may have led it away; one that finds something has found it, whatever changes.
/// </remarks>
internal sealed class ResidentIndex(ChunkPool pool)
{
    private const int Tables = 256;
    private const int Fewest = 4;

    private readonly Table[] _tables = [.. Enumerable.Range(0, Tables).Select(_ => new Table())];

    /// <summary>Keys.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of managed memory that it takes besides its residents and the little that it begins with.</summary>
    public long Footprint { get; private set; }

    /// <summary>A resident of that key, acquired; null: there is none.</summary>
    public Resident? Acquire(ulong hash, ReadOnlySpan<byte> key)
    {
        var table = TableOf(hash);
        var wait = default(SpinWait);
        while (true)
        {
            var changes = table.Changes;
            for (var at = table.FirstOf(hash); at is not null; at = at.Next)
            {
                if (!at.MayHave(hash) || !at.TryAcquire())
                    continue;
                if (at.Key.SequenceEqual(key))
                    return at;
                at.Release(pool);
            }
            if (table.Is(changes))
                return null;
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>All residents of that key, acquired.</summary>
    /// <param name="changes">As <see cref="ChangesOf"/> was when they were all.</param>
    public void AcquireAll(ulong hash, ReadOnlySpan<byte> key, List<Resident> found, out int changes)
    {
        var table = TableOf(hash);
        var wait = default(SpinWait);
        while (true)
        {
            changes = table.Changes;
            for (var at = table.FirstOf(hash); at is not null; at = at.Next)
            {
                if (!at.MayHave(hash) || !at.TryAcquire())
                    continue;
                if (at.IsStored && at.Key.SequenceEqual(key))
                    found.Add(at);
                else
                    at.Release(pool);
            }
            if (table.Is(changes))
                return;
            foreach (var resident in found)
                resident.Release(pool);
            found.Clear();
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Another number whenever something in that key's neighbourhood was stored or has left.</summary>
    public int ChangesOf(ulong hash) => TableOf(hash).Changes;

    /// <summary>Bytes more than now that one more of that hash makes it take.</summary>
    public int GrowthFor(ulong hash) => TableOf(hash) is var table && table.Count >= table.Length ? 8 * table.Length : 0;

    public void Add(Resident resident)
    {
        var table = TableOf(resident.Hash);
        if (table.Count >= table.Length)
            Footprint += table.Grow();
        Count += table.HasKeyOf(resident) ? 0 : 1;
        table.Add(resident);
    }

    public void Remove(Resident resident)
    {
        var table = TableOf(resident.Hash);
        table.Remove(resident);
        Count -= table.HasKeyOf(resident) ? 0 : 1;
    }

    /// <summary>The residents at a place, which then is the next; false: that was the last place. Whoever grows meanwhile is met later, or twice.</summary>
    public bool Walk(ref (int Table, int Place) at, List<Resident> found)
    {
        var table = _tables[at.Table];
        table.CopyTo(at.Place++, found);
        if (at.Place >= table.Length)
            at = (at.Table + 1, 0);
        return at.Table < Tables;
    }

    private Table TableOf(ulong hash) => _tables[hash >> 56];

    private sealed class Table
    {
        private Resident?[] _places = new Resident?[Fewest];
        private int _changes; // odd while the chains are made anew

        public int Count { get; private set; }

        public int Length => Volatile.Read(ref _places).Length;

        public int Changes => Volatile.Read(ref _changes);

        public bool Is(int changes)
        {
            Interlocked.MemoryBarrier(); // what was read of the chains was read before
            return (changes & 1) == 0 && changes == Changes;
        }

        public Resident? FirstOf(ulong hash)
        {
            var places = Volatile.Read(ref _places);
            return Volatile.Read(ref places[(int)hash & (places.Length - 1)]);
        }

        public void Add(Resident resident)
        {
            ref var first = ref _places[(int)resident.Hash & (_places.Length - 1)];
            resident.Next = first;
            Volatile.Write(ref first, resident);
            Count++;
            Volatile.Write(ref _changes, _changes + 2);
        }

        public void Remove(Resident resident)
        {
            ref var first = ref _places[(int)resident.Hash & (_places.Length - 1)];
            if (first == resident)
            {
                Volatile.Write(ref first, resident.Next);
            }
            else
            {
                var before = first!;
                while (before.Next != resident)
                    before = before.Next!;
                before.Next = resident.Next;
            }
            Count--;
            Volatile.Write(ref _changes, _changes + 2);
        }

        /// <summary>Under the tier's lock, so whoever is here is alive.</summary>
        public bool HasKeyOf(Resident resident)
        {
            for (var at = FirstOf(resident.Hash); at is not null; at = at.Next)
                if (at.Hash == resident.Hash && at.Key.SequenceEqual(resident.Key))
                    return true;
            return false;
        }

        /// <returns>Bytes more than before.</returns>
        public long Grow()
        {
            var (old, places) = (_places, new Resident?[2 * _places.Length]);
            Interlocked.Increment(ref _changes);
            foreach (var first in old)
                for (var at = first; at is not null;)
                {
                    var next = at.Next;
                    ref var place = ref places[(int)at.Hash & (places.Length - 1)];
                    at.Next = place;
                    place = at;
                    at = next;
                }
            Volatile.Write(ref _places, places);
            Interlocked.Increment(ref _changes);
            return 8L * old.Length;
        }

        public void CopyTo(int place, List<Resident> found)
        {
            var places = Volatile.Read(ref _places);
            for (var at = place < places.Length ? Volatile.Read(ref places[place]) : null; at is not null; at = at.Next)
                found.Add(at);
        }
    }
}
