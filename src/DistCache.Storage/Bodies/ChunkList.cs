using System.Diagnostics;

namespace DistCache.Storage.Bodies;

/// <summary>
/// The chunks of a growing body, in order, and where in it each begins. Chunks come at the end and, in a window, go at the front; what has
/// gone leaves no place behind, so that a stream without end takes no more than what lies between its readers and its writer.
/// </summary>
/// <remarks>
/// Changed by one thread at a time, under the body's lock. <see cref="At"/> is for readers without a lock: whoever keeps the chunk that he
/// asks for finds it, in the places of before as well as in those of after a move, since both are taken as one.
/// </remarks>
internal sealed class ChunkList
{
    private const int LeastRoom = 16;

    private Places _places = new(1);
    private int _taken; // places at the front whose chunks have gone
    private int _end;

    /// <summary>Of the chunks that are there.</summary>
    public ReadOnlySpan<Chunk> Chunks => _places.Chunks.AsSpan(_taken, _end - _taken);

    /// <summary>Bytes of them, capacity and not content.</summary>
    public long Capacity
    {
        get
        {
            var sum = 0L;
            foreach (var chunk in Chunks)
                sum += chunk.Capacity;
            return sum;
        }
    }

    /// <summary>The first byte that is still there; 0 where no chunk is.</summary>
    public long Start => _taken < _end ? _places.Starts[_taken] : 0;

    /// <summary>One behind the last byte that there is a place for.</summary>
    public long End => _end == 0 ? 0 : _places.Starts[_end - 1] + _places.Chunks[_end - 1].Capacity;

    /// <summary>Chunks that it could name without growing.</summary>
    public int Room => _places.Chunks.Length;

    /// <param name="start">Bytes before it.</param>
    public void Add(Chunk chunk, long start)
    {
        if (_end == _places.Chunks.Length)
            Move();
        _places.Chunks[_end] = chunk;
        _places.Starts[_end] = start;
        _end++;
    }

    /// <summary>The first chunk, if all of it lies before that byte. The last one stays: the writer is still filling it.</summary>
    public bool TryTakeBefore(long offset, out Chunk chunk)
    {
        chunk = default;
        if (_taken >= _end - 1 || _places.Starts[_taken + 1] > offset)
            return false;
        chunk = _places.Chunks[_taken];
        _places.Chunks[_taken] = default;
        _taken++;
        return true;
    }

    /// <summary>The writer's: what is behind that byte in the last chunk; empty: it is full.</summary>
    public Span<byte> RoomFrom(long offset) => offset < End ? _places.Chunks[_end - 1].Span[(int)(offset - _places.Starts[_end - 1])..] : default;

    /// <summary>The bytes from <paramref name="offset"/> to the end of its chunk, or of the body.</summary>
    /// <param name="length">Of the body, read before.</param>
    public ReadOnlySpan<byte> At(long offset, long length)
    {
        var places = Volatile.Read(ref _places);
        var index = places.IndexOf(offset);
        var start = places.Starts[index];
        var end = Math.Min(length - start, places.Chunks[index].Capacity);
        return places.Chunks[index].Span[(int)(offset - start)..(int)end];
    }

    /// <summary>Forgets them all: they are somebody else's, or nobody's. A look at one throws from now on.</summary>
    public void Clear()
    {
        _places = new(0);
        _taken = _end = 0;
    }

    private void Move()
    {
        var count = _end - _taken;
        Debug.Assert(count > 0 || _end == 0, "the last chunk stays");
        // Twice what is kept: as many chunks come before the next move as this one copies.
        var places = new Places(_taken == 0 ? 2 * _end : Math.Max(LeastRoom, 2 * count));
        Chunks.CopyTo(places.Chunks);
        _places.Starts.AsSpan(_taken, count).CopyTo(places.Starts);
        Volatile.Write(ref _places, places);
        (_taken, _end) = (0, count);
    }

    /// <summary>One object, so that a reader's chunks and starts belong together.</summary>
    private sealed class Places
    {
        public Places(int room)
        {
            Chunks = new Chunk[room];
            Starts = new long[room];
            Array.Fill(Starts, long.MaxValue);
        }

        public Chunk[] Chunks { get; }

        /// <summary>Ascending. Those without a chunk behind the last hold the largest number, so a search needs no count.</summary>
        public long[] Starts { get; }

        public int IndexOf(long offset)
        {
            if (Starts.Length == 1 || offset < Starts[1])
                return 0;
            var found = Array.BinarySearch(Starts, offset);
            return found >= 0 ? found : ~found - 1;
        }
    }
}
