namespace DistCache.Storage.Memory;

/// <summary>
/// How often a key was asked for lately, roughly: a count-min sketch (Cormode and Muthukrishnan 2005) of four rows of 4-bit counters, of
/// which the least counts.
/// </summary>
/// <remarks>
/// It forgets: after <see cref="AgeAfter"/> additions for each key that it is made for, every counter has been halved once. That is done
/// in small steps along with the additions, so that nobody waits for a whole table. Additions race without a lock: a lost one costs nothing.
/// </remarks>
internal sealed class FrequencySketch
{
    private const int AgeAfter = 40;
    private const int Step = 16; // additions between two steps of ageing
    private const int WordsOfKey = 2; // 4 rows x 8 counters x 4 bits
    private const ulong LowBits = 0x7777_7777_7777_7777;
    private const int Fewest = 16;
    private const int ShrinkAt = 8; // times as large as it need be

    private ulong[] _words = new ulong[Fewest * WordsOfKey];
    private int _additions;
    private long _owed;
    private long _keys = Fewest;
    private uint _hand;

    /// <summary>Bytes that it takes.</summary>
    public long Footprint => (long)_words.Length * sizeof(ulong);

    /// <summary>0 to 15.</summary>
    public int Estimate(ulong hash)
    {
        var words = Volatile.Read(ref _words);
        var least = 15;
        for (var row = 0; row < 4; row++)
        {
            var (word, shift) = Place(words, hash, row);
            least = Math.Min(least, (int)(words[word] >> shift) & 15);
        }
        return least;
    }

    public void Add(ulong hash)
    {
        var words = Volatile.Read(ref _words);
        for (var row = 0; row < 4; row++)
        {
            var (word, shift) = Place(words, hash, row);
            if (((words[word] >> shift) & 15) != 15)
                words[word] += 1UL << shift;
        }
        if (++_additions >= Step)
            Age(words);
    }

    /// <summary>
    /// How many keys it is to tell apart from now on. What it knows stays: a counter is found in both halves of the table of twice the size,
    /// and of two that become one the larger counts. It shrinks late, so that a size between two does not make it go to and fro.
    /// </summary>
    public void MakeFor(long keys)
    {
        Volatile.Write(ref _keys, Math.Max(keys, Fewest));
        while ((long)_words.Length / WordsOfKey < keys && _words.Length < 1 << 29)
        {
            var words = new ulong[_words.Length * 2];
            _words.CopyTo(words, 0);
            _words.CopyTo(words, _words.Length);
            Volatile.Write(ref _words, words);
        }
        while ((long)_words.Length / WordsOfKey > ShrinkAt * Math.Max(keys, Fewest))
            Volatile.Write(ref _words, Halved(_words));
    }

    private static ulong[] Halved(ulong[] words)
    {
        var half = new ulong[words.Length / 2];
        for (var i = 0; i < half.Length; i++)
            for (var shift = 0; shift < 64; shift += 4)
                half[i] |= Math.Max((words[i] >> shift) & 15, (words[i + half.Length] >> shift) & 15) << shift;
        return half;
    }

    // After a few additions as many words as keep the pace of AgeAfter additions a key.
    private void Age(ulong[] words)
    {
        _additions = 0;
        var each = AgeAfter * Volatile.Read(ref _keys);
        for (_owed += (long)Step * words.Length; _owed >= each; _owed -= each)
        {
            ref var word = ref words[_hand++ & (uint)(words.Length - 1)];
            word = (word >> 1) & LowBits;
        }
    }

    private static (int Word, int Shift) Place(ulong[] words, ulong hash, int row)
    {
        // Odd multipliers spread one good hash into four; each row takes a quarter of every word, so one word may serve several rows.
        var mixed = (hash + (ulong)row) * MultiplierOf(row);
        mixed ^= mixed >> 32;
        var word = (int)((uint)mixed & (uint)(words.Length - 1));
        return (word, (row * 16) + (((int)(mixed >> 60) & 3) * 4));
    }

    private static ulong MultiplierOf(int row) => row switch
    {
        0 => 0x9E37_79B9_7F4A_7C15,
        1 => 0xC2B2_AE3D_27D4_EB4F,
        2 => 0x1656_67B1_9E37_79F9,
        _ => 0xD6E8_FEB8_6659_FD93,
    };
}
