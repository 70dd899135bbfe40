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
/// <para>It lies in native memory, whose addresses stay ours for ever: who counts while it grows does no harm. It grows within a block, and
/// leaves that one only for a much larger one.</para>
/// </remarks>
internal sealed unsafe class FrequencySketch
{
    private const int AgeAfter = 40;
    private const int Step = 16; // additions between two steps of ageing
    private const int WordsOfKey = 4; // 4 rows x 16 counters x 4 bits
    private const ulong LowBits = 0x7777_7777_7777_7777;
    private const int Fewest = 16;
    private const int ShrinkAt = 8; // times as large as it need be

    private const int FirstBlock = 1 << 17; // words
    private const int GrowthOfBlock = 8;
    private const int Most = 1 << 29;

    private Table _table = new(Rent(FirstBlock), FirstBlock, Fewest * WordsOfKey);
    private int _additions;
    private long _owed;
    private long _keys = Fewest;
    private uint _hand;

    public FrequencySketch() => new Span<ulong>(_table.Words, _table.Length).Clear();

    /// <summary>Bytes that it takes.</summary>
    public long Footprint => (long)_table.Length * sizeof(ulong);

    /// <summary>0 to 15.</summary>
    public int Estimate(ulong hash)
    {
        var table = Volatile.Read(ref _table);
        var least = 15;
        for (var row = 0; row < 4; row++)
        {
            var (word, shift) = Place(table, hash, row);
            least = Math.Min(least, (int)(table.Words[word] >> shift) & 15);
        }
        return least;
    }

    public void Add(ulong hash)
    {
        var table = Volatile.Read(ref _table);
        for (var row = 0; row < 4; row++)
        {
            var (word, shift) = Place(table, hash, row);
            if (((table.Words[word] >> shift) & 15) != 15)
                table.Words[word] += 1UL << shift;
        }
        if (++_additions >= Step)
            Age(table);
    }

    /// <summary>
    /// How many keys it is to tell apart from now on. What it knows stays: a counter is found in both halves of the table of twice the size,
    /// and of two that become one the larger counts. It shrinks late, so that a size between two does not make it go to and fro.
    /// </summary>
    /// <param name="most">Bytes that it may grow to; with too few it takes more keys for each other.</param>
    public void MakeFor(long keys, long most)
    {
        Volatile.Write(ref _keys, Math.Max(keys, Fewest));
        while ((long)_table.Length / WordsOfKey < keys && _table.Length < Most && 2 * Footprint <= most)
            Volatile.Write(ref _table, Doubled(_table));
        if ((long)_table.Length / WordsOfKey > ShrinkAt * Math.Max(keys, Fewest)) // one step at a time: the tier's lock is held
            Volatile.Write(ref _table, Halved(_table));
    }

    private static Table Doubled(Table table)
    {
        var block = table.Length < table.Block ? table.Block : (int)Math.Min(Most, (long)table.Block * GrowthOfBlock);
        var doubled = new Table(block == table.Block ? table.Address : Rent(block), block, table.Length * 2);
        var known = new Span<ulong>(doubled.Words, table.Length);
        if (block != table.Block)
        {
            new ReadOnlySpan<ulong>(table.Words, table.Length).CopyTo(known);
            NativePages.Forget(table.Address, (nint)table.Block * sizeof(ulong)); // who still counts there finds zeros
        }
        known.CopyTo(new Span<ulong>(doubled.Words + table.Length, table.Length));
        return doubled;
    }

    private static Table Halved(Table table)
    {
        var half = table.Length / 2;
        var low = new Span<Vector128<byte>>(table.Words, half / 2);
        var high = new ReadOnlySpan<Vector128<byte>>(table.Words + half, half / 2);
        var even = Vector128.Create((byte)15);
        for (var i = 0; i < low.Length; i++)
            low[i] = Vector128.Max(low[i] & even, high[i] & even) | Vector128.Max(low[i] & ~even, high[i] & ~even);
        var bytes = (nint)half * sizeof(ulong);
        if (bytes >= NativePages.Size)
            NativePages.Forget(table.Address + bytes, bytes);
        return table with { Length = half };
    }

    // Asked for in pieces this large, it comes from the system, and what was never touched costs nothing.
    private static nint Rent(int words) => (nint)NativeMemory.AlignedAlloc((nuint)words * sizeof(ulong), NativePages.Size);

    // After a few additions as many words as keep the pace of AgeAfter additions a key.
    private void Age(Table table)
    {
        _additions = 0;
        var each = AgeAfter * Volatile.Read(ref _keys);
        for (_owed += (long)Step * table.Length; _owed >= each; _owed -= each)
        {
            ref var word = ref table.Words[_hand++ & (uint)(table.Length - 1)];
            word = (word >> 1) & LowBits;
        }
    }

    private static (int Word, int Shift) Place(Table table, ulong hash, int row)
    {
        // Odd multipliers spread one good hash into four; each row takes a quarter of every word, so one word may serve several rows.
        var mixed = (hash + (ulong)row) * MultiplierOf(row);
        mixed ^= mixed >> 32;
        var word = (int)((uint)mixed & (uint)(table.Length - 1));
        return (word, (row * 16) + (((int)(mixed >> 60) & 3) * 4));
    }

    private static ulong MultiplierOf(int row) => row switch
    {
        0 => 0x9E37_79B9_7F4A_7C15,
        1 => 0xC2B2_AE3D_27D4_EB4F,
        2 => 0x1656_67B1_9E37_79F9,
        _ => 0xD6E8_FEB8_6659_FD93,
    };

    /// <param name="Address">Of its block.</param>
    /// <param name="Block">Words that it may grow to there.</param>
    /// <param name="Length">Words in use; a power of two.</param>
    private sealed record Table(nint Address, int Block, int Length)
    {
        public ulong* Words => (ulong*)Address;
    }
}
