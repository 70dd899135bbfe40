using System.Diagnostics;
using System.Numerics;

namespace DistCache.Storage.Bodies;

/// <summary>64 KiB that serve chunks of one size: a bit for each free chunk. Guarded by its pool's lock.</summary>
internal sealed class ChunkPage
{
    private readonly int _number;
    private readonly int _size;
    private readonly int _count;
    private readonly ulong[] _free;
    private int _left;
    private ChunkPage? _previous;
    private ChunkPage? _next;

    /// <param name="number">By which the pool knows it.</param>
    public ChunkPage(int number, nint address, int size)
    {
        (_number, Address, _size) = (number, address, size);
        _count = _left = ChunkPool.Largest / size;
        _free = new ulong[(_count + 63) / 64];
        Array.Fill(_free, ulong.MaxValue);
        if (_count % 64 != 0)
            _free[^1] = (1UL << (_count % 64)) - 1;
    }

    public nint Address { get; }

    public bool IsFull => _left == 0;

    public bool IsEmpty => _left == _count;

    public Chunk Take()
    {
        var word = 0;
        while (_free[word] == 0)
            word++;
        var place = (word * 64) + BitOperations.TrailingZeroCount(_free[word]);
        _free[word] &= _free[word] - 1;
        _left--;
        return new(Address + (place * _size), _number, _size);
    }

    public void Put(Chunk chunk)
    {
        var place = (int)((chunk.Address - Address) / _size);
        var bit = 1UL << (place % 64);
        Debug.Assert((_free[place / 64] & bit) == 0, "a chunk was returned twice");
        _free[place / 64] |= bit;
        _left++;
    }

    public void Link(ref ChunkPage? first)
    {
        _next = first;
        if (first is not null)
            first._previous = this;
        first = this;
    }

    public void Unlink(ref ChunkPage? first)
    {
        if (_previous is not null)
            _previous._next = _next;
        else
            first = _next;
        if (_next is not null)
            _next._previous = _previous;
        _previous = _next = null;
    }
}
