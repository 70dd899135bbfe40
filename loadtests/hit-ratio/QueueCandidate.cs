namespace DistCache.LoadTests.HitRatio;

/// <summary>FIFO, and LRU, which differs in that a hit moves to the end; bounded in bytes, an object larger than the cache is not stored.</summary>
internal sealed class QueueCandidate(int[] sizes, long capacity, bool movesOnHit) : ICandidate
{
    private readonly LinkedListNode<int>?[] _held = new LinkedListNode<int>?[sizes.Length];
    private readonly LinkedList<int> _queue = new();
    private long _bytes;

    public string Name => movesOnHit ? "LRU" : "FIFO";

    public bool Ask(int id)
    {
        if (_held[id] is { } node)
        {
            if (movesOnHit)
            {
                _queue.Remove(node);
                _queue.AddLast(node);
            }
            return true;
        }
        if (sizes[id] > capacity)
            return false;
        for (; _bytes + sizes[id] > capacity; _queue.RemoveFirst())
        {
            var first = _queue.First!.Value;
            _held[first] = null;
            _bytes -= sizes[first];
        }
        _held[id] = _queue.AddLast(id);
        _bytes += sizes[id];
        return false;
    }
}
