using System.Buffers;
using System.Diagnostics;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Purging;
using DistCache.Storage.Records;
using DistCache.Storage.Responses;
using DistCache.Storage.Shared;

namespace DistCache.Storage.Memory;

/// <summary>
/// A stored response in the tier: all that the garbage collector sees of it. Everything else lies in its <see cref="Record"/>, in native
/// memory, which is given back when the last owner lets go: the tier is one as long as it is stored, who reads it is another.
/// </summary>
/// <remarks>But for the count of owners and the bit, it is changed under the tier's lock. What is said of "an owner" must not be called by others.</remarks>
public sealed unsafe class Resident
{
    /// <summary>Of this object.</summary>
    internal const int ManagedBytes = 56;

    /// <summary>Owners that a body has brought along are not known yet; more than there can be.</summary>
    private const int Inheriting = 1 << 30;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _text;

    private Record* _record;
    private int _owners;
    private readonly ushort _tag;

    private Resident(Record* record, ulong hash, bool inherits)
    {
        _record = record;
        _tag = TagOf(hash);
        _owners = inherits ? Inheriting : 1;
    }

    /// <summary>Neither has it left, nor has another response taken its place.</summary>
    public bool IsStored { get; internal set; } = true;

    /// <summary>Set by a hit, cleared by the policy's hand.</summary>
    public bool IsVisited { get; private set; }

    /// <summary>For an owner.</summary>
    public ref readonly ReuseFacts Reuse => ref _record->Reuse;

    /// <summary>For an owner.</summary>
    public long ReceivedAt => _record->ReceivedAt;

    /// <summary>For an owner.</summary>
    public long AsOf
    {
        get => Volatile.Read(ref _record->AsOf);
        internal set => Volatile.Write(ref _record->AsOf, value);
    }

    /// <summary>Bytes of the body. For an owner.</summary>
    public long Length => IsInPlace ? _record->InPlace : _record->Body.Length;

    /// <summary>What others keep with it. For an owner.</summary>
    public Attachment Attached => new(Volatile.Read(ref _record->Attached));

    /// <summary>
    /// None of its key that varies by other fields has been stored beside it: whatever else a request says, when it has this variant's values this is the
    /// answer. For an owner.
    /// </summary>
    public bool IsAlone
    {
        get => !Volatile.Read(ref _record->HasOthers);
        internal set => Volatile.Write(ref _record->HasOthers, !value);
    }

    /// <summary>As <see cref="StoredResponse.SaidAt"/>. For an owner.</summary>
    internal long SaidAt => _record->SaidAt;

    /// <summary>For an owner.</summary>
    public DateTimeOffset Date => new(_record->Date, TimeSpan.Zero);

    /// <summary>Null: the origin said none. For an owner.</summary>
    public DateTimeOffset? LastModified => _record->LastModified < 0 ? null : new DateTimeOffset(_record->LastModified, TimeSpan.Zero);

    /// <summary>Which queue of the policy it is in; for the policy alone: who moves from one to another is in none for a moment.</summary>
    internal ResidentPlace Place { get; set; }

    internal Resident? Before { get; set; }

    internal Resident? Behind { get; set; }

    /// <summary>The next in its place of the index. What has left keeps it: who walks there finds the way back.</summary>
    internal Resident? Next { get; set; }

    internal ulong Hash => _record->Hash;

    /// <summary>Everything that it takes: chunks, record, bookkeeping.</summary>
    internal long Bytes
    {
        get => _record->Bytes;
        set => _record->Bytes = value;
    }

    internal long PastUse => _record->PastUse;

    /// <summary>Where its body lies in the shared tier; null: nowhere that is remembered. For an owner.</summary>
    internal BodyPlace? InSharedTier
    {
        get => IsInPlace ? null : _record->Body.InSharedTier;
        set
        {
            if (!IsInPlace)
                _record->Body.InSharedTier = value;
        }
    }

    internal ReadOnlySpan<byte> Key => new(_record + 1, _record->KeyLength);

    /// <summary>Bytes of managed memory that <see cref="ToResponse"/> and what delivery makes of it take, about: objects, and text in strings.</summary>
    internal int FootprintOfResponse => 1024 + (4 * (_record->KeyLength + _record->TextLength));

    internal FailedValidation? Failed
    {
        get => Volatile.Read(ref _record->Failure) is var failure and >= 0 ? new(Volatile.Read(ref _record->FailedAt), (OriginFailure)failure) : null;
        set
        {
            Volatile.Write(ref _record->FailedAt, value?.At ?? 0);
            Volatile.Write(ref _record->Failure, value is null ? -1 : (int)value.Failure);
        }
    }

    /// <summary>Somebody besides the tier owns it, or another resident has the same body: its bytes would not come back.</summary>
    internal bool IsShared => Volatile.Read(ref _owners) > 1 || (!IsInPlace && _record->Body.IsShared);

    /// <summary>Its body lies in the record.</summary>
    private bool IsInPlace => _record->InPlace >= 0;

    private ReadOnlySpan<byte> Text => new((byte*)(_record + 1) + _record->KeyLength, _record->TextLength);

    /// <summary>Key, text, and a body in place: what never changes.</summary>
    private Span<byte> Content => new(_record + 1, _record->KeyLength + _record->TextLength + Math.Max(0, _record->InPlace));

    /// <summary>Bytes that a response takes besides its body's chunks.</summary>
    internal static int OverheadOf(StoredResponse response) => OverheadOf(response, TextOf(response));

    internal static int OverheadOf(StoredResponse response, ReadOnlySpan<byte> text)
    {
        var length = sizeof(Record) + response.Key.Length + text.Length;
        return ManagedBytes + (ShallBeInPlace(response.Body, length)
            ? ChunkPool.CapacityFor(length + (int)response.Body.WrittenLength)
            : response.Body.ListFootprint + ChunkPool.CapacityFor(length));
    }

    /// <summary>Makes the record of a response. The caller's ownership of the response's body becomes the new resident's.</summary>
    /// <param name="text">Its <see cref="TextOf"/>.</param>
    internal static Resident Make(ChunkPool pool, StoredResponse response, ReadOnlySpan<byte> text, ulong hash, long pastUse)
    {
        var key = response.Key.Bytes;
        var body = response.Body;
        var length = sizeof(Record) + key.Length + text.Length;
        var isInPlace = ShallBeInPlace(body, length);
        var memory = pool.Rent(ChunkPool.CapacityFor(length + (isInPlace ? (int)body.WrittenLength : 0)));
        var record = (Record*)memory.Address;
        *record = new()
        {
            Memory = memory,
            Hash = hash,
            PastUse = pastUse,
            AsOf = response.AsOf,
            Status = response.Status,
            ReceivedAt = response.ReceivedAt,
            SaidAt = response.SaidAt,
            Reuse = response.Reuse,
            Date = response.Date.UtcTicks,
            LastModified = response.LastModified?.UtcTicks ?? -1,
            InPlace = isInPlace ? (int)body.WrittenLength : -1,
            KeyLength = key.Length,
            TextLength = text.Length,
        };
        var resident = new Resident(record, hash, inherits: !isInPlace && body.Home is null) { Failed = response.Failed };
        key.CopyTo(resident.Content);
        text.CopyTo(resident.Content[key.Length..]);
        if (isInPlace)
            Copy(body, resident.Content[(key.Length + text.Length)..]);
        if (CheckedMemory.IsOn)
            record->Checksum = XxHash3.HashToUInt64(resident.Content);
        // The body's other owners find the way here from now on.
        if (isInPlace)
            resident.TakeCopy(pool, response);
        else
            resident.TakeChunks(pool, response);
        resident.Bytes = ManagedBytes + memory.Capacity + (isInPlace ? 0 : record->Body.Footprint);
        response.Resident = resident;
        return resident;
    }

    /// <summary>Becomes one more owner; false when the last one has let go already. No lock.</summary>
    public bool TryAcquire()
    {
        if (!OwnerCount.TryAdd(ref _owners))
            return false;
        if (CheckedMemory.IsOn)
            Check();
        return true;
    }

    /// <param name="pool">That it was made of.</param>
    public void Release(ChunkPool pool)
    {
        if (CheckedMemory.IsOn)
            Check();
        var left = Interlocked.Decrement(ref _owners);
        Debug.Assert(left >= 0, "a resident was released more often than acquired");
        if (left == 0)
            Free(pool);
    }

    /// <summary>The body's bytes from <paramref name="offset"/> on, in one piece, at most a chunk; empty at the end. For an owner.</summary>
    public ReadOnlySpan<byte> At(long offset) => IsInPlace ? Content[(_record->KeyLength + _record->TextLength + (int)offset)..] : _record->Body.At(offset);

    /// <summary>Keeps bytes with it until it goes; false: others have done so at the same moment. For an owner.</summary>
    public bool TryAttach(ChunkPool pool, ulong id, long stamp, ReadOnlySpan<byte> bytes)
    {
        var first = Volatile.Read(ref _record->Attached);
        var made = Attachment.Make(pool, id, stamp, bytes, first);
        if (Interlocked.CompareExchange(ref _record->Attached, made.Address, first) == first)
            return true;
        made.Return(pool);
        return false;
    }

    /// <summary>Whether it could be one with that hash. No owner need ask.</summary>
    internal bool MayHave(ulong hash) => _tag == TagOf(hash);

    /// <summary>True when this is the first since the hand came by: then the frequency counts it too. A hot response is only read here.</summary>
    internal bool Visit()
    {
        if (IsVisited)
            return false;
        IsVisited = true;
        return true;
    }

    internal bool TakeVisit()
    {
        var visited = IsVisited;
        IsVisited = false;
        return visited;
    }

    /// <summary>The owners of the body that it was made with are its own.</summary>
    internal void Inherit(int owners) => Interlocked.Add(ref _owners, owners - Inheriting);

    /// <summary>The one of the variant that is written in that text; null: none of them is. The caller owns them.</summary>
    internal static Resident? OfVariant(List<Resident> residents, ReadOnlySpan<byte> text)
    {
        if (residents.Count == 0)
            return null;
        var variant = RecordText.VariantOf(text);
        foreach (var resident in residents)
            if (RecordText.VariantOf(resident.Text).SequenceEqual(variant))
                return resident;
        return null;
    }

    /// <summary>Whether it varies by the same fields as what is written in that text. For an owner.</summary>
    internal bool VariesAs(ReadOnlySpan<byte> text) => RecordText.NominatedOf(Text).SequenceEqual(RecordText.NominatedOf(text));

    /// <summary>By what purges select it. For an owner.</summary>
    internal PurgeIdentity Identity() => RecordText.Read(Text).Identity();

    /// <summary>The response that it was made of, again. For an owner.</summary>
    internal StoredResponse ToResponse(ChunkPool pool)
    {
        var text = RecordText.Read(Text);
        var identity = text.Identity();
        var reasonPhrase = text.Text();
        var viaVersion = text.Text()!;
        var variant = text.Variant();
        var fields = text.Fields();
        var etag = text.ETag(fields);
        return new()
        {
            Key = new(Key),
            Variant = variant,
            Status = _record->Status,
            ReasonPhrase = reasonPhrase,
            ViaVersion = viaVersion,
            Fields = fields,
            Reuse = _record->Reuse,
            ETag = etag,
            LastModified = LastModified,
            Date = Date,
            ReceivedAt = _record->ReceivedAt,
            Identity = identity,
            AsOf = AsOf,
            Body = new Body(pool, this),
            Resident = this,
        };
    }

    // One that takes the place of another keeps its body as it was.
    private static bool ShallBeInPlace(Body body, int length)
    {
        if (body.Home is { } home)
            return home.IsInPlace;
        return body is { IsCounted: false, WrittenLength: < StoredBody.LongEnoughForChunks }
            && ChunkPool.CapacityFor(length + (int)body.WrittenLength) <= ChunkPool.CapacityFor(length) + body.ListFootprint + Bodies.Body.FootprintOf(body.WrittenLength);
    }

    private static void Copy(Body body, Span<byte> to)
    {
        for (var at = 0; at < to.Length;)
        {
            var piece = body.Written(at);
            piece.CopyTo(to[at..]);
            at += piece.Length;
        }
    }

    /// <summary>The copy is for those who come when nobody owns the body itself any more.</summary>
    private void TakeCopy(ChunkPool pool, StoredResponse response)
    {
        var body = response.Body;
        if (body.Home is null)
            body.CopiedTo(this);
        else
            response.Rehome(new(pool, this));
        body.Release();
    }

    private void TakeChunks(ChunkPool pool, StoredResponse response)
    {
        if (response.Body.Home is not { } home)
        {
            _record->Body = response.Body.ToStore();
            response.Body.MoveTo(this);
            return;
        }
        // The same bytes under another head: the list of chunks has two owners, and the body that this response shows is its own.
        _record->Body = home._record->Body;
        _record->Body.Acquire();
        response.Rehome(new(pool, this));
        home.Release(pool);
    }

    private static ushort TagOf(ulong hash) => (ushort)(hash >> 32);

    /// <summary>Of its record; until this thread asks for another.</summary>
    internal static ReadOnlySpan<byte> TextOf(StoredResponse response)
    {
        var text = _text ??= new(1024);
        text.ResetWrittenCount();
        RecordText.Write(response, text);
        return text.WrittenSpan;
    }

    private void Free(ChunkPool pool)
    {
        for (var attached = new Attachment(_record->Attached); !attached.IsNone;)
        {
            var next = attached.Next;
            pool.Detached?.Invoke(this, attached.Id);
            attached.Return(pool);
            attached = next;
        }
        if (!IsInPlace)
            _record->Body.Release(pool);
        pool.Return(_record->Memory);
        _record = null;
    }

    // An owner calls it, so nothing may be gone. Throwing is the point: these bytes are somebody else's.
    private void Check()
    {
        if (XxHash3.HashToUInt64(Content) != _record->Checksum || (!IsInPlace && !_record->Body.IsIntact()))
            throw new InvalidOperationException("A stored response's bytes are not those that came: its memory was given to somebody else.");
    }
}

/// <summary>Where in the policy a resident is.</summary>
internal enum ResidentPlace : byte
{
    /// <summary>In none.</summary>
    None,
    Window,
    Main,
}
