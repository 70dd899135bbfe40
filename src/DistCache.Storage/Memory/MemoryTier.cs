using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
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

    /// <summary>Whoever needs room waits for that many to leave and no longer; then it has none, this time.</summary>
    private const int MostLeaving = 1024;

    [ThreadStatic]
    private static List<Resident>? _found;

    private readonly ResidentIndex _index;
    private readonly WarmResponses _warm;
    private readonly WindowTinyLfu _eviction;
    private readonly DeadResponses _dead;
    private readonly List<Resident> _leaving = [];
    private readonly TierGate _gate = new();
    private long _ownBytes;
    private long _charged;
    private int _resizes;
    private Action? _resized;

    /// <param name="capacity">Bytes; see <see cref="ChunkPool.Capacity"/>.</param>
    /// <param name="purges">What it selects hard leaves first; null: nothing is purged.</param>
    public MemoryTier(long capacity, TimeProvider? time = null, PurgeIndex? purges = null)
    {
        Pool = new ChunkPool(capacity);
        _index = new(Pool);
        _warm = new(Pool);
        _dead = new(_index, time ?? TimeProvider.System, purges ?? new PurgeIndex());
        _eviction = new(_dead.Contains);
    }

    public ChunkPool Pool { get; }

    /// <summary>
    /// Bytes that count for no response: the sketch, the index, what was read out of records, what is attached to residents, and what
    /// <see cref="Charge"/> added. They are in the pool's account, too.
    /// </summary>
    public long OwnBytes => Volatile.Read(ref _ownBytes) + Volatile.Read(ref _charged) + Pool.AttachedBytes;

    /// <summary>
    /// Who is told, from now on, of each attachment that goes with its resident, and of its id: on any thread, and in the middle of things, so it must be quick. The last who asks.
    /// </summary>
    public void TellDetached(Action<Resident, ulong> told) => Pool.Detached = told;

    /// <summary>Who is told, from now on, after each step of <see cref="ResizeAsync"/>: whoever charged bytes by the capacity gives back what is too much. The last who asks.</summary>
    public void TellResized(Action told) => _resized = told;

    /// <summary>Counts bytes that others keep because of the tier; negative gives them back.</summary>
    public void Charge(long bytes)
    {
        Interlocked.Add(ref _charged, bytes);
        Pool.Charge(bytes);
    }

    /// <summary>Who has left, and who was not let in.</summary>
    public TierCounts Counts { get; } = new();

    /// <summary>Bytes of what is stored, without fills under way and what only readers still hold.</summary>
    public long ResidentBytes
    {
        get
        {
            using (_gate.Enter())
                return _eviction.Bytes;
        }
    }

    /// <summary>Keys held, each with its variants.</summary>
    public int Count => _index.Count;

    /// <summary>All that is held, while others store and remove: a walk for counting, not for a request.</summary>
    public IEnumerable<StoredResponse> Responses
    {
        get
        {
            var found = new List<Resident>();
            var at = (0, 0);
            for (var more = true; more; found.Clear())
            {
                more = _index.Walk(ref at, found);
                foreach (var resident in found)
                    if (resident.TryAcquire())
                    {
                        var response = resident.IsStored ? resident.ToResponse(Pool) : null;
                        resident.Release(Pool);
                        if (response is not null)
                            yield return response;
                    }
            }
        }
    }

    public VariantSet? Find(CacheKey key) => Find(key.Bytes);

    public VariantSet? Find(ReadOnlySpan<byte> key)
    {
        var hash = CacheKeyComparer.Hash(key);
        if (_warm.Find(hash, key) is { } warm)
            return warm;
        if (Read(hash, key, out var changes) is not { } set)
            return null;
        // For the next one who asks, unless somebody is busy with something better.
        if (_gate.TryEnter(out var turn))
            using (turn)
            {
                if (_index.ChangesOf(hash) == changes)
                    _warm.Add(set);
                CountOwn();
            }
        return set;
    }

    /// <summary>One of the responses of that key as it lies in memory, acquired: the caller releases it. Nothing is allocated.</summary>
    public Resident? Acquire(ReadOnlySpan<byte> key) => _index.Acquire(CacheKeyComparer.Hash(key), key);

    /// <summary>The response has shown that it is wanted.</summary>
    public void Hit(StoredResponse response)
    {
        if (response.Resident is not { IsStored: true, IsVisited: false } resident || !resident.TryAcquire())
            return;
        _eviction.Visit(resident);
        resident.Release(Pool);
    }

    /// <summary>The same of one that the caller owns.</summary>
    public void Hit(Resident resident) => _eviction.Visit(resident);

    /// <summary>
    /// Makes room for bytes that are about to come. False when that would take more than the same number of bytes from readers that still
    /// hold what left: they would not give it back, and the tier would be emptied for nothing.
    /// </summary>
    /// <param name="key">Whose they are; empty: not known.</param>
    /// <param name="whole">Bytes that it will have in all, as far as is known: one that is too large for newcomers must be wanted first.</param>
    public bool MakeRoom(long bytes, ReadOnlySpan<byte> key = default, long whole = 0)
    {
        if (Pool.HasRoomFor(bytes))
            return true;
        if (bytes > Pool.Capacity)
            return false;
        using (_gate.Enter())
        {
            EvictDead();
            if (!key.IsEmpty)
            {
                _leaving.Clear();
                if (!_eviction.MayCome(CacheKeyComparer.Hash(key), Math.Max(bytes, whole), RoomWithout(0), _leaving))
                {
                    Counts.LargeOneRefused();
                    return false;
                }
                foreach (var resident in _leaving)
                    Evict(resident);
            }
            return MakeRoomLocked(bytes);
        }
    }

    /// <summary>
    /// Stores it in the place of its variant; false: there is no room, or what stands there was received later and is as sure. The tier takes over the caller's
    /// ownership of the body, also when it is refused.
    /// </summary>
    public bool Store(StoredResponse response) => Store(response, out _);

    /// <param name="isOutdated">It was received too early: a later answer stands in its place, and nobody else need have this one either.</param>
    public bool Store(StoredResponse response, out bool isOutdated)
    {
        isOutdated = false;
        var text = Resident.TextOf(response);
        var hash = CacheKeyComparer.Hash(response.Key.Bytes);
        using (_gate.Enter())
        {
            if (MakeRoomLocked(Resident.OverheadOf(response, text) + _index.GrowthFor(hash)) && !(isOutdated = !TryLink(response, hash, text)))
                return true;
            response.Body.Release();
            return false;
        }
    }

    /// <summary>Stores it in the place of one that is still there; false, and nothing is taken over, when that has left meanwhile.</summary>
    public bool Replace(StoredResponse stored, StoredResponse by)
    {
        using (_gate.Enter())
        {
            if (stored.Resident is not { IsStored: true } resident)
                return false;
            // The new one may vary otherwise, or find no room: then only this takes the old one away, and gives room perhaps.
            if ((!stored.Variant.Equals(by.Variant) || !MakeRoomLocked(by.Overhead)) && resident.IsStored)
                Unlink(resident);
            if (!Store(by) && resident.IsStored)
                Unlink(resident);
            return true;
        }
    }

    /// <summary>Removes every variant of a key.</summary>
    public bool Remove(CacheKey key)
    {
        using (_gate.Enter())
        {
            var hash = CacheKeyComparer.Hash(key.Bytes);
            var found = AcquireAll(hash, key.Bytes, out _);
            foreach (var resident in found)
            {
                Unlink(resident);
                resident.Release(Pool);
            }
            var isFound = found.Count > 0;
            found.Clear(); // the thread keeps the list, and is to keep nobody with it
            return isFound;
        }
    }

    /// <summary>Removes one response, if it is still there.</summary>
    public void Remove(StoredResponse response)
    {
        using (_gate.Enter())
            if (response.Resident is { IsStored: true } resident)
                Unlink(resident);
    }

    /// <summary>
    /// Another capacity from now on. It grows at once; it shrinks by small steps, between which others get their turn, so that nobody waits.
    /// Completes when what is too much has left, or is held by readers alone, or another call has come meanwhile: the last one counts.
    /// </summary>
    public async Task ResizeAsync(long capacity)
    {
        var resize = Interlocked.Increment(ref _resizes);
        for (var more = true; more;)
        {
            more = StepTowards(capacity, resize);
            _resized?.Invoke();
            if (more)
                await _gate.LetPassAsync();
        }
        if (resize == Volatile.Read(ref _resizes))
            Pool.GiveBackFreePages();
    }

    // A step towards a capacity; false: it was the last. The bound itself moves in steps, or the next newcomer would have to make all the room.
    internal bool StepTowards(long capacity, int resize)
    {
        const long Step = 256 << 10;
        using (_gate.Enter())
        {
            if (resize != _resizes)
                return false;
            if (capacity > Pool.Capacity)
                Pool.Capacity = capacity; // also while more is held than there was room for: nobody need leave for that any more
            else if (Pool.ShortageFor(0) is <= 0 and var shortage)
                Pool.Capacity = Math.Max(capacity, Pool.Capacity + shortage - Step);
            var most = MostLeaving / 16; // a millisecond, or little more: others wait
            if (!MakeRoomLocked(0, ref most) && most > 0)
                Pool.Capacity = capacity; // whoever is left is held by readers: it goes when they do
            return Pool.Capacity > capacity || most <= 0;
        }
    }

    private bool MakeRoomLocked(long bytes)
    {
        var most = MostLeaving;
        return MakeRoomLocked(bytes, ref most);
    }

    // So many may leave, or move a little, for it; zero or less afterwards: that was not enough, more might.
    private bool MakeRoomLocked(long bytes, ref int most)
    {
        if (Pool.HasRoomFor(bytes))
            return true;
        EvictDead();
        var heldByReaders = 0L;
        var shortage = Pool.ShortageFor(bytes);
        while (!Pool.HasRoomFor(bytes))
        {
            _leaving.Clear();
            if (most > 0 && !_eviction.TryChoose(RoomWithout(0), bytes, _leaving))
            {
                most--;
                continue;
            }
            if (most <= 0 || _leaving.Count == 0 || heldByReaders > shortage)
            {
                if (bytes > 0)
                    Counts.NoRoom();
                return false;
            }
            most -= _leaving.Count;
            foreach (var resident in _leaving)
            {
                if (resident.IsShared)
                    heldByReaders += resident.Bytes;
                Evict(resident);
            }
        }
        return true;
    }

    private Room RoomWithout(long newcomer) =>
        Room.Of(Pool.Capacity - OwnBytes, Math.Max(0, Pool.Charged - OwnBytes - _eviction.Bytes - newcomer));

    private void CountOwn()
    {
        var grown = _eviction.Footprint + _index.Footprint + _warm.Footprint - _ownBytes;
        Volatile.Write(ref _ownBytes, _ownBytes + grown);
        Pool.Charge(grown);
    }

    private void EvictDead()
    {
        foreach (var resident in _dead.Next())
        {
            Counts.Leaves(isDead: true, isNewcomer: false);
            Unlink(resident);
        }
    }

    private void Evict(Resident resident)
    {
        Counts.Leaves(_dead.Contains(resident), WindowTinyLfu.IsNewcomer(resident));
        Unlink(resident);
    }

    /// <summary>False: a later answer stands in its place, and that of a slow exchange shall not outlive it (RFC 9111 §4: the most recent one).</summary>
    private bool TryLink(StoredResponse response, ulong hash, ReadOnlySpan<byte> text)
    {
        var others = AcquireAll(hash, response.Key.Bytes, out _);
        try
        {
            var replaced = Resident.OfVariant(others, text);
            if (replaced is not null && replaced.SaidAt > response.SaidAt && replaced.AsOf >= response.AsOf)
                return false;
            Link(response, hash, text, others, replaced);
            return true;
        }
        finally
        {
            foreach (var other in others)
                other.Release(Pool);
            others.Clear();
        }
    }

    /// <param name="others">Of the same key.</param>
    /// <param name="replaced">Of them, the one of the same variant; null: there is none.</param>
    private void Link(StoredResponse response, ulong hash, ReadOnlySpan<byte> text, List<Resident> others, Resident? replaced)
    {
        var resident = Resident.Make(Pool, response, text, hash, _dead.PastUseOf(response));
        foreach (var other in others)
            if (other != replaced && !other.VariesAs(text))
                resident.IsAlone = other.IsAlone = false;
        Pool.Charge(Resident.ManagedBytes);
        _index.Add(resident);
        _warm.Remove(hash);
        _dead.Expect(resident);
        if (replaced is null)
            _eviction.Add(resident, RoomWithout(resident.Bytes));
        else
        {
            _eviction.Replace(replaced, resident);
            GiveUp(replaced);
        }
        if (others.Count - (replaced is null ? 0 : 1) >= MostVariants)
        {
            Counts.OneVariantTooMany();
            Unlink(LeastWanted(others, replaced));
        }
        CountOwn();
    }

    /// <summary>The oldest of those whose bit is clear, else of all: as much as the bits know of use.</summary>
    private static Resident LeastWanted(List<Resident> others, Resident? replaced)
    {
        Resident? least = null;
        foreach (var other in others)
            if (other != replaced && (least is null || (other.IsVisited, other.Date, other.ReceivedAt).CompareTo((least.IsVisited, least.Date, least.ReceivedAt)) < 0))
                least = other;
        return least!;
    }

    private void Unlink(Resident resident)
    {
        _eviction.Remove(resident);
        GiveUp(resident);
    }

    private void GiveUp(Resident resident)
    {
        resident.IsStored = false;
        _warm.Remove(resident.Hash);
        _index.Remove(resident);
        Pool.Charge(-Resident.ManagedBytes);
        resident.Release(Pool);
        CountOwn(); // what was kept for it has gone, and whoever needs room shall see that
    }

    private VariantSet? Read(ulong hash, ReadOnlySpan<byte> key, out int changes)
    {
        var found = AcquireAll(hash, key, out changes);
        if (found.Count == 0)
            return null;
        var set = VariantSet.Read(Pool, hash, found);
        foreach (var resident in found)
            resident.Release(Pool);
        found.Clear();
        return set;
    }

    private List<Resident> AcquireAll(ulong hash, ReadOnlySpan<byte> key, out int changes)
    {
        var found = _found ??= [];
        found.Clear();
        _index.AcquireAll(hash, key, found, out changes);
        return found;
    }
}
