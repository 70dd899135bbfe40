using System.IO.Hashing;
using System.Numerics;
using System.Security.Cryptography;
using DistCache.Proxy.Delivery;
using DistCache.Storage.Memory;
using DistCache.Storage.Records;

namespace DistCache.Proxy.Hits;

/// <summary>
/// Where the known hits are: each in one of two places of a table of fixed size. Who comes takes the place of who has left, or else of who was
/// received earlier. Nothing depends on what is in it but speed. Reading takes no lock.
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

    // Of the same place; they may be of two residents while one takes the other's place, so nothing is decided by the tag alone.
    private readonly Resident?[] _residents;
    private readonly uint[] _tags;
    private readonly MemoryTier _memory;
    private bool _isCounted;
    private bool _anyByEncodings;

    /// <param name="memory">One place for each 2 KiB of its capacity, 256 to 4,194,304; counted with the first that is taken: untouched, they are no memory yet.</param>
    public KnownHits(MemoryTier memory)
    {
        _memory = memory;
        var places = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(memory.Pool.Capacity / CapacityOfOne, 256, Most));
        _residents = new Resident?[places];
        _tags = new uint[places];
    }

    public static ulong HashOf(ulong host, ReadOnlySpan<byte> target) => XxHash3.HashToUInt64(target, (long)host);

    /// <summary>True: the caller is an owner of the hit's resident, and releases it.</summary>
    public bool TryFind(KnownFields fields, bool isHttps, ReadOnlySpan<byte> target, out KnownHit hit) =>
        TryFind(new(fields, isHttps, target, byEncodings: false), out hit)
        || (Volatile.Read(ref _anyByEncodings) && TryFind(new(fields, isHttps, target, byEncodings: true), out hit));

    /// <summary>That request was answered by that response.</summary>
    /// <param name="response">The caller owns it.</param>
    public void Learn(Resident response, in PlainKey key, long stamp, ResponseHead head)
    {
        if (!Interlocked.Exchange(ref _isCounted, true))
            _memory.Charge((long)_residents.Length * BytesOfOne);
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
        if (known < MostOfOne && KnownHit.Write(key, head, response.Length) is { Length: > 0 } bytes
            && _memory.MakeRoom(Attachment.FootprintOf(bytes.Length)) && response.TryAttach(_memory.Pool, id, stamp, bytes))
            Place(id, response);
    }

    private static uint TagOf(ulong id) => (uint)(id >> 32);

    private int PlaceOf(ulong id) => (int)id & (_residents.Length - 1);

    private bool TryFind(in PlainKey key, out KnownHit hit)
    {
        var at = PlaceOf(key.Id);
        return TryFind(at, key, out hit) || TryFind(at ^ 1, key, out hit);
    }

    private bool TryFind(int at, in PlainKey key, out KnownHit hit)
    {
        hit = default;
        var id = key.Id;
        if (Volatile.Read(ref _tags[at]) != TagOf(id) || Volatile.Read(ref _residents[at]) is not { } resident || !resident.TryAcquire())
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
        var at = PlaceOf(id);
        if (IsAt(at, id, resident) || IsAt(at ^ 1, id, resident))
            return;
        if (IsTaken(at, id) && (!IsTaken(at ^ 1, id) || ReceivedAt(at) > ReceivedAt(at ^ 1)))
            at ^= 1;
        Volatile.Write(ref _residents[at], resident);
        Volatile.Write(ref _tags[at], TagOf(id));
    }

    private bool IsAt(int at, ulong id, Resident resident) => Volatile.Read(ref _residents[at]) == resident && Volatile.Read(ref _tags[at]) == TagOf(id);

    // By somebody else who is still there.
    private bool IsTaken(int at, ulong id) => Volatile.Read(ref _residents[at]) is { IsStored: true } && Volatile.Read(ref _tags[at]) != TagOf(id);

    private long ReceivedAt(int at)
    {
        if (Volatile.Read(ref _residents[at]) is not { } resident || !resident.TryAcquire())
            return long.MinValue;
        var receivedAt = resident.ReceivedAt;
        resident.Release(_memory.Pool);
        return receivedAt;
    }
}
