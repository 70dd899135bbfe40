using DistCache.Storage.Responses;

namespace DistCache.Storage.Memory;

/// <summary>
/// CLOCK: 1. newcomers join the tail; 2. the hand looks at the head; 3. visited since: clear the bit, to the tail; 4. else it leaves.
/// </summary>
internal sealed class ClockEviction : IEvictionPolicy
{
    private readonly Queue<StoredResponse> _ring = new();
    private int _dead;

    public void Add(StoredResponse response)
    {
        response.IsEvictable = true;
        _ring.Enqueue(response);
    }

    public void Remove(StoredResponse response)
    {
        if (!response.IsEvictable)
            return;
        // It stays in the ring until the hand comes by, unless the dead outnumber the living.
        response.IsEvictable = false;
        if (++_dead > 1024 && _dead * 2 > _ring.Count)
            Sweep();
    }

    public StoredResponse? Next()
    {
        while (_ring.TryDequeue(out var response))
        {
            if (!response.IsEvictable)
            {
                _dead--;
            }
            else if (response.TakeVisit())
            {
                _ring.Enqueue(response);
            }
            else
            {
                response.IsEvictable = false;
                return response;
            }
        }
        return null;
    }

    private void Sweep()
    {
        for (var left = _ring.Count; left > 0; left--)
        {
            var response = _ring.Dequeue();
            if (response.IsEvictable)
                _ring.Enqueue(response);
        }
        _dead = 0;
    }
}
