using System.IO.Hashing;
using System.Numerics;
using System.Security.Cryptography;
using DistCache.Proxy.Delivery;
using DistCache.Semantics.Fields;
using DistCache.Storage.Memory;
using DistCache.Storage.Records;

namespace DistCache.Proxy.Hits;

/// <summary>
/// Where the known hits are: each in one of two places of a table, whose size is that of the tier's capacity. Who comes takes the place of who was
/// received earlier, if no place is free. Nothing depends on what is in it but speed. Reading takes no lock.
/// </summary>
internal sealed class KnownHits
{
    /// <summary>Clients choose their targets; where they fall they must not know.</summary>
    public static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));

    private const int Most = 1 << 22;
    private const int CapacityOfOne = 2 << 10;
    private const int BytesOfOne = 8 + 4;

    /// <summary>Requests that may be known for one response: others spell the host, the target or Accept-Encoding otherwise.</summary>
    private const int MostOfOne = 8;

    private readonly MemoryTier _memory;
    private readonly Lock _gate = new();
    private Table _table;
    private bool _isCounted;
    private bool _anyByEncodings;

    /// <param name="memory">One place for each 2 KiB of its capacity, 256 to 4,194,304; counted with the first that is taken: untouched, they are no memory yet. A table that is up to four times too large stays.</param>
    public KnownHits(MemoryTier memory)
    {
        _memory = memory;
        _table = new(PlacesFor(memory.Pool.Capacity));
        memory.TellDetached(Forget);
        memory.TellResized(Shrink);
    }

    public static ulong HashOf(ulong host, ReadOnlySpan<byte> target) => XxHash3.HashToUInt64(target, (long)host);

    /// <summary>True: the caller is an owner of the hit's resident, and releases it.</summary>
    public bool TryFind(KnownFields fields, bool isHttps, ReadOnlySpan<byte> target, out KnownHit hit) =>
        TryFind(new(fields, isHttps, target, byEncodings: false), out hit)
        || (Volatile.Read(ref _anyByEncodings) && TryFind(new(fields, isHttps, target, byEncodings: true), out hit));

    /// <summary>That request was answered by that response.</summary>
    /// <param name="response">The caller owns it.</param>
    /// <param name="tag">Its entity-tag.</param>
    public void Learn(Resident response, in PlainKey key, long stamp, ResponseHead head, EntityTag? tag)
    {
        if (!Volatile.Read(ref _isCounted) || !Fits(Volatile.Read(ref _table)))
            Renew();
        if (key.IsByEncodings && !Volatile.Read(ref _anyByEncodings))
            Volatile.Write(ref _anyByEncodings, true);
        var id = key.Id;
        var known = 0;
        for (var form = response.Attached; !form.IsNone; form = form.Next, known++)
            if (form.Id == id && KnownHit.Answers(form.Bytes, key))
            {
                if (form.Stamp != stamp)
                    form.Stamp = stamp;
                Place(id, response);
                return;
            }
        if (known < MostOfOne && KnownHit.Write(key, head, tag) is { Length: > 0 } bytes
            && _memory.MakeRoom(Attachment.FootprintOf(bytes.Length)) && response.TryAttach(_memory.Pool, id, stamp, bytes))
            Place(id, response);
    }

    private static uint TagOf(ulong id) => (uint)(id >> 32);

    private static int PlacesFor(long capacity) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(capacity / CapacityOfOne, 256, Most));

    private bool Fits(Table table) => PlacesFor(_memory.Pool.Capacity) is var wanted && wanted <= table.Length && wanted > table.Length / 4;

    /// <summary>With less capacity than before a table may take all of it, and nothing would be stored, nor learnt, any more.</summary>
    private void Shrink()
    {
        if (Volatile.Read(ref _isCounted) && !Fits(Volatile.Read(ref _table)))
            Renew();
    }

    /// <summary>After a reload with another capacity an empty table: what was known is learnt again with the next whole way of each.</summary>
    private void Renew()
    {
        lock (_gate)
        {
            var before = _isCounted ? _table.Length : 0;
            if (!Fits(_table))
                Volatile.Write(ref _table, new(PlacesFor(_memory.Pool.Capacity)));
            Volatile.Write(ref _isCounted, true);
            _memory.Charge((long)(_table.Length - before) * BytesOfOne);
        }
    }

    /// <summary>It has left for good: its place is free, and the collector may have it.</summary>
    private void Forget(Resident resident, ulong id)
    {
        var table = Volatile.Read(ref _table);
        var at = table.PlaceOf(id);
        foreach (var place in (ReadOnlySpan<int>)[at, at ^ 1])
            if (ReferenceEquals(Volatile.Read(ref table.Residents[place]), resident))
                Interlocked.CompareExchange(ref table.Residents[place], null, resident);
    }

    private bool TryFind(in PlainKey key, out KnownHit hit)
    {
        var table = Volatile.Read(ref _table);
        var at = table.PlaceOf(key.Id);
        return TryFind(table, at, key, out hit) || TryFind(table, at ^ 1, key, out hit);
    }

    private bool TryFind(Table table, int at, in PlainKey key, out KnownHit hit)
    {
        hit = default;
        var id = key.Id;
        if (Volatile.Read(ref table.Tags[at]) != TagOf(id) || Volatile.Read(ref table.Residents[at]) is not { } resident || !resident.TryAcquire())
            return false;
        for (var form = resident.Attached; !form.IsNone; form = form.Next)
            if (form.Id == id && KnownHit.Answers(form.Bytes, key))
            {
                hit = new(resident, form);
                return true;
            }
        resident.Release(_memory.Pool);
        return false;
    }

    private void Place(ulong id, Resident resident)
    {
        var table = Volatile.Read(ref _table);
        var at = table.PlaceOf(id);
        if (table.IsAt(at, id, resident) || table.IsAt(at ^ 1, id, resident))
            return;
        if (table.IsTaken(at, id) && (!table.IsTaken(at ^ 1, id) || ReceivedAt(table, at) > ReceivedAt(table, at ^ 1)))
            at ^= 1;
        Volatile.Write(ref table.Residents[at], resident);
        Volatile.Write(ref table.Tags[at], TagOf(id));
    }

    private long ReceivedAt(Table table, int at)
    {
        if (Volatile.Read(ref table.Residents[at]) is not { } resident || !resident.TryAcquire())
            return long.MinValue;
        var receivedAt = resident.ReceivedAt;
        resident.Release(_memory.Pool);
        return receivedAt;
    }

    private sealed class Table(int places)
    {
        // Of the same place; they may be of two residents while one takes the other's place, so nothing is decided by the tag alone.
        public readonly Resident?[] Residents = new Resident?[places];
        public readonly uint[] Tags = new uint[places];

        public int Length => Residents.Length;

        public int PlaceOf(ulong id) => (int)id & (Residents.Length - 1);

        public bool IsAt(int at, ulong id, Resident resident) => Volatile.Read(ref Residents[at]) == resident && Volatile.Read(ref Tags[at]) == TagOf(id);

        /// <summary>By somebody else who is still there.</summary>
        public bool IsTaken(int at, ulong id) => Volatile.Read(ref Residents[at]) is { IsStored: true } && Volatile.Read(ref Tags[at]) != TagOf(id);
    }
}
