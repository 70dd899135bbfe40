using Microsoft.Extensions.Caching.Memory;

namespace DistCache.LoadTests.HitRatio;

/// <summary>Microsoft.Extensions.Caching.Memory with a size limit in entries: for traces of keys only.</summary>
internal sealed class MicrosoftCandidate(int count) : ICandidate, IDisposable
{
    private static readonly MemoryCacheEntryOptions One = new() { Size = 1 };

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = Math.Max(1, count) });

    public string Name => "MS MemoryCache";

    public bool Ask(int id)
    {
        if (_cache.TryGetValue(id, out _))
            return true;
        _cache.Set(id, id, One);
        return false;
    }

    public void Dispose() => _cache.Dispose();
}
