using System.Collections.Concurrent;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Memory;

/// <summary>
/// Tier 1: stored responses in this process, bounded in bytes (keys, fields, bodies and bookkeeping all count). A look-up takes no lock,
/// moves nothing and allocates nothing; storing and evicting are serialised.
/// </summary>
public sealed class MemoryTier
{
    /// <summary>Rule 32: variants kept for one key.</summary>
    public const int MostVariants = 64;

    private readonly ConcurrentDictionary<CacheKey, VariantSet> _index = new(CacheKeyComparer.Instance);
    private readonly ConcurrentDictionary<CacheKey, VariantSet>.AlternateLookup<ReadOnlySpan<byte>> _bySpan;
    private readonly IEvictionPolicy _eviction = new ClockEviction();
    private readonly Lock _gate = new();

    /// <param name="capacity">Bytes; see <see cref="ChunkPool.Capacity"/>.</param>
    public MemoryTier(long capacity)
    {
        Pool = new ChunkPool(capacity);
        _bySpan = _index.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public ChunkPool Pool { get; }

    /// <summary>Keys held, each with its variants.</summary>
    public int Count => _index.Count;

    public VariantSet? Find(ReadOnlySpan<byte> key) => _bySpan.TryGetValue(key, out var variants) ? variants : null;

    public VariantSet? Find(CacheKey key) => _index.TryGetValue(key, out var variants) ? variants : null;

    /// <summary>A hit: the response has shown that it is wanted.</summary>
    public static void Hit(StoredResponse response) => response.Visit();

    /// <summary>Makes room for bytes that are about to come; false when even an empty tier would not have it (readers still hold what left).</summary>
    public bool MakeRoom(long bytes)
    {
        if (Pool.HasRoomFor(bytes))
            return true;
        lock (_gate)
        {
            while (!Pool.HasRoomFor(bytes))
            {
                if (_eviction.Next() is not { } victim)
                    return false;
                Unlink(victim);
            }
            return true;
        }
    }

    /// <summary>Stores it in the place of its variant. The tier takes over the caller's ownership of the body, also when it is refused.</summary>
    public bool Store(StoredResponse response)
    {
        if (!MakeRoom(response.Overhead))
        {
            response.Body.Release();
            return false;
        }
        lock (_gate)
        {
            Pool.Charge(response.Overhead);
            StoredResponse[] gone = [];
            _index[response.Key] = _index.TryGetValue(response.Key, out var variants)
                ? variants.With(response, MostVariants, out gone)
                : new VariantSet([response]);
            _eviction.Add(response);
            foreach (var old in gone)
                Forget(old);
            return true;
        }
    }

    /// <summary>Stores it in the place of one that is still there; false, and nothing is taken over, when that has left meanwhile.</summary>
    public bool Replace(StoredResponse stored, StoredResponse by)
    {
        lock (_gate)
        {
            if (!_index.TryGetValue(stored.Key, out var variants) || !variants.Contains(stored))
                return false;
            // The new one may vary otherwise: then only this takes the old one away.
            Unlink(stored);
            Store(by);
            return true;
        }
    }

    /// <summary>Removes every variant of a key.</summary>
    public bool Remove(CacheKey key)
    {
        lock (_gate)
        {
            if (!_index.TryRemove(key, out var variants))
                return false;
            foreach (var response in variants.Responses)
                Forget(response);
            return true;
        }
    }

    /// <summary>Removes one response, if it is still there.</summary>
    public void Remove(StoredResponse response)
    {
        lock (_gate)
            if (_index.TryGetValue(response.Key, out var variants) && variants.Contains(response))
                Unlink(response);
    }

    private void Unlink(StoredResponse response)
    {
        if (_index.TryGetValue(response.Key, out var variants) && variants.Contains(response))
        {
            if (variants.Without(response) is { } rest)
                _index[response.Key] = rest;
            else
                _index.TryRemove(response.Key, out _);
        }
        Forget(response);
    }

    private void Forget(StoredResponse response)
    {
        _eviction.Remove(response);
        Pool.Charge(-response.Overhead);
        response.Body.Release();
    }
}
