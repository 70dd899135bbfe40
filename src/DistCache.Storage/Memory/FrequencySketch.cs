using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DistCache.Storage.Bodies;

namespace DistCache.Storage.Memory;

/// <summary>
/// How often a key was asked for lately, roughly: a count-min sketch (Cormode and Muthukrishnan 2005) of four rows of 4-bit counters, of
/// which the least counts.
/// </summary>
/// <remarks>
/// <para>It forgets: after <see cref="AgeAfter"/> additions for each key that it is made for, every counter has been halved once. That is done
/// in small steps along with the additions, so that nobody waits for a whole table. Additions race without a lock: a lost one costs nothing.</para>
/// <para>It grows and shrinks by small steps, too, as Litwin's linear hashing does (1980): its table lies in segments; a new one begins as a copy of
/// the one that half of its keys were in, and in the end each becomes one with that again. Segments are native memory, whose addresses stay ours for ever: who
/// counts in one that is given up does no harm.</para>
/// </remarks>
internal sealed unsafe class FrequencySketch
{
    private const int AgeAfter = 40;
    private const int Step = 16; // additions between two steps of ageing
    private const int WordsOfKey = 4; // 4 rows x 16 counters x 4 bits
    private const ulong LowBits = 0x7777_7777_7777_7777;
    private const int Fewest = 16;
    private const int ShrinkAt = 4; // times as large as it need be

    private const int LogOfSegment = 12;
    private const int Segment = 1 << LogOfSegment; // words
    private const int BytesOfSegment = Segment * sizeof(ulong);
    private const int MostSegments = 1 << 17;
    private const int MostAtOnce = 8; // segments that come or go while others wait for the tier
    private const int MostAged = 1024; // words, by one addition

    private readonly Stack<nint> _givenUp = new();
    private Table _table;
    private int _additions;
    private long _owed;
    private long _keys = Fewest;
    private long _hand;

    public FrequencySketch()
    {
        _table = new([Rent()], count: 1, Fewest * WordsOfKey);
        new Span<ulong>((void*)_table.Segments[0], _table.OfFirst).Clear();
    }

    /// <summary>Bytes that it takes.</summary>
    public long Footprint => _table.Words * sizeof(ulong);

    /// <summary>0 to 15.</summary>
    public int Estimate(ulong hash)
    {
        var table = Volatile.Read(ref _table);
        var least = 15;
        for (var row = 0; row < 4; row++)
        {
            var word = Place(table, hash, row, out var shift);
            least = Math.Min(least, (int)(*word >> shift) & 15);
        }
        return least;
    }

    public void Add(ulong hash)
    {
        var table = Volatile.Read(ref _table);
        for (var row = 0; row < 4; row++)
        {
            var word = Place(table, hash, row, out var shift);
            var old = *word; // once: what another one adds meanwhile must not make it overflow into the next counter
            if (((old >> shift) & 15) != 15)
                *word = old + (1UL << shift);
        }
        if (++_additions >= Step)
            Age(table);
    }

    /// <summary>
    /// How many keys it is to tell apart from now on: it comes closer to that with every call, and nobody waits for all of it. What it knows stays: a
    /// counter is found in both of two segments that were one, and of two that become one the larger counts. It shrinks late, so that a size
    /// between two does not make it go to and fro.
    /// </summary>
    /// <param name="most">Bytes that it may grow to; with too few it takes more keys for each other.</param>
    public void MakeFor(long keys, long most)
    {
        keys = Math.Max(keys, Fewest);
        Volatile.Write(ref _keys, keys);
        var (table, steps) = (_table, MostAtOnce);
        for (; steps > 0 && table.Words < keys * WordsOfKey && table.Count < MostSegments && (table.Words + table.NextStep) * sizeof(ulong) <= most; steps--)
            Volatile.Write(ref _table, table = Grown(table));
        for (; steps > 0 && table.Words > ShrinkAt * keys * WordsOfKey; steps--)
            Volatile.Write(ref _table, table = Shrunk(table));
    }

    private Table Grown(Table table)
    {
        var words = table.OfFirst;
        if (words < Segment)
        {
            var first = (ulong*)table.Segments[0];
            new ReadOnlySpan<ulong>(first, words).CopyTo(new(first + words, words));
            return new(table.Segments, 1, 2 * words);
        }
        var count = table.Count;
        var segments = table.Segments;
        if (count == segments.Length)
            Array.Resize(ref segments, 2 * count); // who still has the old one finds there all that it knew
        segments[count] = _givenUp.TryPop(out var segment) ? segment : Rent();
        var grown = new Table(segments, count + 1, Segment);
        new ReadOnlySpan<ulong>((void*)segments[grown.Other], Segment).CopyTo(new((void*)segments[count], Segment));
        return grown;
    }

    private Table Shrunk(Table table)
    {
        if (table.Count > 1)
        {
            var last = table.Segments[table.Count - 1];
            Join((ulong*)table.Segments[table.Other], (ulong*)last, Segment);
            NativePages.Forget(last, BytesOfSegment); // who still counts there finds zeros
            _givenUp.Push(last);
            return new(table.Segments, table.Count - 1, Segment);
        }
        var half = table.OfFirst / 2;
        var first = (ulong*)table.Segments[0];
        Join(first, first + half, half);
        return new(table.Segments, 1, half);
    }

    private static void Join(ulong* to, ulong* from, int words)
    {
        var low = new Span<Vector128<byte>>(to, words / 2);
        var high = new ReadOnlySpan<Vector128<byte>>(from, words / 2);
        var even = Vector128.Create((byte)15);
        for (var i = 0; i < low.Length; i++)
            low[i] = Vector128.Max(low[i] & even, high[i] & even) | Vector128.Max(low[i] & ~even, high[i] & ~even);
    }

    // Asked for in pieces this large, it comes from the system, and what was never touched costs nothing.
    private nint Rent()
    {
        var first = (nint)NativeMemory.AlignedAlloc(MostAtOnce * BytesOfSegment, NativePages.Size);
        for (var i = MostAtOnce - 1; i > 0; i--)
            _givenUp.Push(first + (i * BytesOfSegment));
        return first;
    }

    // After a few additions as many words as keep the pace of AgeAfter additions a key.
    private void Age(Table table)
    {
        _additions = 0;
        var words = table.Words;
        var each = AgeAfter * Volatile.Read(ref _keys);
        var hand = _hand;
        _owed = Math.Min(_owed + (Step * words), each * MostAged);
        for (; _owed >= each; _owed -= each)
        {
            if (hand >= words)
                hand = 0;
            ref var word = ref ((ulong*)table.Segments[hand >> LogOfSegment])[hand & (Segment - 1)];
            word = (word >> 1) & LowBits;
            hand++;
        }
        _hand = hand;
    }

    private static ulong* Place(Table table, ulong hash, int row, out int shift)
    {
        // Odd multipliers spread one good hash into four; each row takes a quarter of every word, so one word may serve several rows.
        var mixed = (hash + (ulong)row) * MultiplierOf(row);
        mixed ^= mixed >> 32;
        shift = (row * 16) + (((int)(mixed >> 60) & 3) * 4);
        var segment = (int)((uint)mixed >> LogOfSegment) & table.Mask;
        if (segment >= table.Count)
            segment &= table.Mask >> 1; // it has not come yet: its keys are still where they were
        return (ulong*)table.Segments[segment] + ((int)mixed & (table.OfFirst - 1));
    }

    private static ulong MultiplierOf(int row) => row switch
    {
        0 => 0x9E37_79B9_7F4A_7C15,
        1 => 0xC2B2_AE3D_27D4_EB4F,
        2 => 0x1656_67B1_9E37_79F9,
        _ => 0xD6E8_FEB8_6659_FD93,
    };

    /// <param name="segments">Their addresses; more than <paramref name="count"/>, perhaps.</param>
    /// <param name="count">Those in use.</param>
    /// <param name="ofFirst">Words of the first in use, a power of two: all of them, once there is another.</param>
    private sealed class Table(nint[] segments, int count, int ofFirst)
    {
        public readonly nint[] Segments = segments;
        public readonly int Count = count;
        public readonly int OfFirst = ofFirst;
        public readonly int Mask = (int)BitOperations.RoundUpToPowerOf2((uint)count) - 1;

        public long Words => Count == 1 ? OfFirst : (long)Count << LogOfSegment;

        /// <summary>Words that come with the next step.</summary>
        public int NextStep => OfFirst;

        /// <summary>The segment that the last one came from.</summary>
        public int Other => (Count - 1) & (Mask >> 1);
    }
}
