using System.Diagnostics;
using System.Numerics;

namespace DistCache.Storage.Bodies;

/// <summary>64 KiB that serve chunks of one size: a bit for each free chunk, 128 at most. Guarded by its pool's lock.</summary>
internal sealed class ChunkPage
{
    private readonly int _size;
    private readonly int _count;
    private UInt128 _free;
    private ChunkPage? _previous;
    private ChunkPage? _next;

    public ChunkPage(nint address, int size)
    {
        Address = address;
        _size = size;
        _count = ChunkPool.Largest / size;
        _free = _count == 128 ? UInt128.MaxValue : (UInt128.One << _count) - 1;
    }

    public nint Address { get; }

    public bool IsFull => _free == UInt128.Zero;

    public bool IsEmpty => (int)UInt128.PopCount(_free) == _count;

    public Chunk Take()
    {
        var place = (int)UInt128.TrailingZeroCount(_free);
        _free &= ~(UInt128.One << place);
        return new(this, Address + (place * _size), _size);
    }

    public void Put(Chunk chunk)
    {
        var bit = UInt128.One << (int)((chunk.Address - Address) / _size);
        Debug.Assert((_free & bit) == UInt128.Zero, "a chunk was returned twice");
        _free |= bit;
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
