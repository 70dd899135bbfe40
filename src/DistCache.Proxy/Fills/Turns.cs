using DistCache.Storage.Keys;

namespace DistCache.Proxy.Fills;

/// <summary>One after the other, in the order of coming, by key. A key that nobody waits for takes no room.</summary>
internal sealed class Turns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<CacheKey, Line> _lines = new(CacheKeyComparer.Instance);

    /// <summary>Whoever has the turn disposes of it, from any thread, and the next one has it.</summary>
    public async Task<IDisposable> TakeAsync(CacheKey key, CancellationToken cancel)
    {
        Line? line;
        lock (_gate)
        {
            if (!_lines.TryGetValue(key, out line))
                _lines.Add(key, line = new(this, key));
            line.Users++;
        }
        try
        {
            await line.Turn.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            Leave(line);
            throw;
        }
        return new Held(line);
    }

    private void Leave(Line line)
    {
        lock (_gate)
            if (--line.Users == 0)
                _lines.Remove(line.Key);
    }

    private sealed class Line(Turns turns, CacheKey key)
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public CacheKey Key => key;

        /// <summary>Who has the turn and who waits for it; guarded by the gate.</summary>
        public int Users { get; set; }

        public void Release()
        {
            Turn.Release();
            turns.Leave(this);
        }
    }

    private sealed class Held(Line line) : IDisposable
    {
        private Line? _line = line;

        public void Dispose() => Interlocked.Exchange(ref _line, null)?.Release();
    }
}
