using System.Diagnostics;
using System.IO.Hashing;
using DistCache.Storage.Memory;
using DistCache.Storage.Shared;

namespace DistCache.Storage.Bodies;

/// <summary>How far a body has come.</summary>
public enum BodyState
{
    Growing,

    /// <summary>Every byte that its framing promised is here.</summary>
    Complete,

    /// <summary>It will never be whole: each reader's connection is reset.</summary>
    Failed,
}

/// <summary>
/// The bytes of one response, in a chain of native chunks. One writer appends, any number of readers follow at their own pace, and
/// the chunks are given back when the last owner lets go. Once it is stored, its chunks are those of a resident, and so are its owners; of a
/// short one the resident has a copy, and has the owners who come when the last one of this has gone.
/// </summary>
/// <remarks>
/// <para>
/// Kept whole (<see cref="IsWhole"/>): every chunk stays, so the body can be stored and read from any offset. Otherwise it is a window:
/// chunks that every reader has passed are freed, and the writer waits while <see cref="WindowBytes"/> lie unread. A body starts whole
/// or as a window, and may fall from whole to window (it grew too large); never back.
/// </para>
/// <para>
/// Owners count references: <see cref="TryAcquire"/> fails once the count has been zero. Bytes below <see cref="Length"/> never change,
/// and Length is written after them, so a reader needs no lock to copy.
/// </para>
/// <para>
/// The last byte of a body of known length shows only when it is complete: whoever has all bytes may rely on the framing having been
/// sound, and a body that was cut after its last byte is never whole at a client.
/// </para>
/// </remarks>
public sealed class Body
{
    /// <summary>Unread bytes that a window holds before its writer waits.</summary>
    public const int WindowBytes = 256 * 1024;

    private const int WindowChunk = 16 * 1024;
    private const int FirstChunkOfUnknown = 1024;

    /// <summary>In place of the owners: they are the resident's by now.</summary>
    private const int Moved = -1;

    private readonly ChunkPool _pool;
    private readonly Lock _gate; // of what grows: a resident's body has neither this nor readers that it must know
    private readonly List<BodyReader> _readers;
    private readonly long? _expected;
    private readonly ChunkList _chunks;
    private Resident? _home;
    private long _length;
    private long _shown;
    private int _owners = 1;
    private volatile BodyState _state;
    private bool _isWhole;
    private long _counted;
    private TaskCompletionSource? _grown;
    private TaskCompletionSource? _room;
    private ulong _checksum;
    private BodyPlace? _inSharedTier;

    /// <param name="expected">Content-Length, when known.</param>
    /// <param name="whole">False: a window from the first byte.</param>
    public Body(ChunkPool pool, long? expected, bool whole)
    {
        _pool = pool;
        _expected = expected;
        _isWhole = whole;
        _gate = new();
        _readers = [];
        _chunks = new();
    }

    /// <summary>The body of a resident. Whoever makes it keeps that alive meanwhile.</summary>
    internal Body(ChunkPool pool, Resident home)
    {
        _pool = pool;
        _home = home;
        _owners = Moved;
        _length = _shown = home.Length;
        _state = BodyState.Complete;
        _isWhole = true;
        _gate = null!;
        _readers = null!;
        _chunks = null!;
    }

    /// <summary>A whole body from bytes at hand.</summary>
    public static Body Of(ChunkPool pool, ReadOnlySpan<byte> bytes)
    {
        var body = new Body(pool, bytes.Length, whole: true);
        body.Append(bytes);
        body.Complete();
        return body;
    }

    /// <summary>A complete body that takes its part of the account, but has neither memory nor bytes: for replays of traces.</summary>
    internal static Body Counted(ChunkPool pool, long length)
    {
        var body = new Body(pool, length, whole: true) { _counted = FootprintOf(length), _length = length, _shown = length };
        pool.Charge(body._counted);
        body._state = BodyState.Complete;
        return body;
    }

    /// <summary>Bytes of chunks that a whole body of known length takes.</summary>
    internal static long FootprintOf(long length)
    {
        var sum = length / ChunkPool.Largest * ChunkPool.Largest;
        while (sum < length)
            sum += ChunkPool.SizeFor(length - sum);
        return sum;
    }

    /// <summary>Bytes that readers may have.</summary>
    public long Length => Volatile.Read(ref _shown);

    /// <summary>Bytes that it will have; null: not known yet.</summary>
    public long? FullLength => _state is BodyState.Complete ? Length : _expected;

    public BodyState State => _state;

    /// <summary>Where the same bytes lie in the shared tier, in chunks; null: they do not, as far as is known.</summary>
    internal BodyPlace? InSharedTier
    {
        get
        {
            if (Home is not { } home || !home.TryAcquire())
                return Volatile.Read(ref _inSharedTier);
            var place = home.InSharedTier;
            home.Release(_pool);
            return place;
        }
        set
        {
            Volatile.Write(ref _inSharedTier, value);
            if (Home is not { } home || !home.TryAcquire())
                return;
            home.InSharedTier = value;
            home.Release(_pool);
        }
    }

    internal ChunkPool Pool => _pool;

    /// <summary>It counts, but has no bytes.</summary>
    internal bool IsCounted => _counted != 0;

    /// <summary>Bytes of memory that the list of its chunks will take once it is stored in chunks; 0: it has been, and is kept there.</summary>
    internal int ListFootprint => IsMoved ? 0 : StoredBody.ListFootprint(_length, _chunks.Chunks.Length);

    /// <summary>Chunks that its list has places for: what it takes besides the chunks themselves.</summary>
    internal int RoomForChunks => _chunks.Room;

    /// <summary>Bytes that have come, whether readers may have them or not.</summary>
    internal long WrittenLength => _length;

    /// <summary>Whose it is; null: it has its own chunks and owners.</summary>
    internal Resident? Home => IsMoved ? _home : null;

    private bool IsMoved => Volatile.Read(ref _owners) == Moved;

    public bool IsWhole => Volatile.Read(ref _isWhole);

    /// <summary>Bytes of chunks held now, capacity and not content.</summary>
    public long Footprint
    {
        get
        {
            lock (_gate)
                return _counted + _chunks.Capacity;
        }
    }

    /// <summary>Becomes one more owner; false when the last one has let go already. No lock.</summary>
    public bool TryAcquire()
    {
        if (OwnerCount.TryAdd(ref _owners))
        {
            if (CheckedMemory.IsOn)
                Check();
            return true;
        }
        var owners = Volatile.Read(ref _owners);
        // A dead body whose bytes somebody has copied lives on there.
        if (owners == 0 && Volatile.Read(ref _home) is not null)
            owners = Interlocked.CompareExchange(ref _owners, Moved, 0) is 0 or Moved ? Moved : 0;
        return owners == Moved && _home!.TryAcquire();
    }

    public void Release()
    {
        if (CheckedMemory.IsOn)
            Check();
        var owners = Volatile.Read(ref _owners);
        while (owners != Moved)
        {
            Debug.Assert(owners > 0, "a body was released more often than acquired");
            var seen = Interlocked.CompareExchange(ref _owners, owners - 1, owners);
            if (seen == owners)
            {
                if (owners == 1)
                    Free();
                return;
            }
            owners = seen;
        }
        _home!.Release(_pool);
    }

    /// <summary>Its chunks, for the record of a new resident, which then has to be told to the body: <see cref="MoveTo"/>.</summary>
    internal StoredBody ToStore()
    {
        var body = StoredBody.Make(_pool, _length, _chunks.Chunks, _counted);
        body.InSharedTier = _inSharedTier;
        return body;
    }

    /// <summary>That resident has a copy.</summary>
    internal void CopiedTo(Resident home) => Volatile.Write(ref _home, home);

    /// <summary>From now on its chunks and all its owners are that resident's.</summary>
    internal void MoveTo(Resident home)
    {
        // Before the owners: whoever finds them moved finds where to. The resident holds on until it has been told how many they are.
        Volatile.Write(ref _home, home);
        home.Inherit(Interlocked.Exchange(ref _owners, Moved));
    }

    // ---- the writer

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = _chunks.RoomFrom(_length);
            if (room.IsEmpty)
            {
                AddChunk();
                continue;
            }
            var take = Math.Min(bytes.Length, room.Length);
            bytes[..take].CopyTo(room);
            bytes = bytes[take..];
            _length += take;
        }
        Volatile.Write(ref _shown, _length == _expected ? _length - 1 : _length);
        Announce();
    }

    /// <summary>Bytes of chunks that appending so many bytes will take.</summary>
    public long GrowthFor(int bytes)
    {
        var growth = 0L;
        var end = _chunks.End;
        for (var left = _length + bytes - end; left > 0;)
        {
            var size = SizeAt(end + growth);
            growth += size;
            left -= size;
        }
        return growth;
    }

    public void Complete() => End(BodyState.Complete);

    public void Fail() => End(BodyState.Failed);

    /// <summary>Gives up keeping it whole: what every reader has passed is freed from now on.</summary>
    public void BecomeWindow()
    {
        lock (_gate)
        {
            if (!_isWhole)
                return;
            _pool.Passing(_chunks.Capacity);
            Volatile.Write(ref _isWhole, false);
            FreePassed();
        }
    }

    /// <summary>
    /// Completes when a window has room (at once for a whole body), or false when nobody reads any more. A reader that holds back others
    /// for longer than <paramref name="patience"/> is lost: its connection is reset, the others go on.
    /// </summary>
    public async ValueTask<bool> WaitForRoomAsync(TimeSpan patience, TimeProvider time, CancellationToken cancel)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_isWhole)
                    return true;
                if (!HasReader())
                    return false;
                if (_length - LowestKept() < WindowBytes)
                    return true;
                _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }
            try
            {
                await room.WaitAsync(patience, time, cancel);
            }
            catch (TimeoutException)
            {
                LoseLaggards();
            }
        }
    }

    // ---- readers

    /// <summary>A reader of a body that may still grow; null when the body is gone. Dispose it.</summary>
    /// <param name="from">The first byte that it will read: a window keeps bytes from there on.</param>
    public BodyReader? Read(long from = 0)
    {
        // A complete whole body never frees a chunk while it has an owner: no need to be listed, nor for the lock.
        if (_state is BodyState.Complete && IsWhole)
            return TryAcquire() ? new BodyReader(this, from) : null;
        lock (_gate)
        {
            if ((!_isWhole && from < _chunks.Start) || !TryAcquire())
                return null;
            var reader = new BodyReader(this, from);
            _readers.Add(reader);
            return reader;
        }
    }

    /// <summary>
    /// The bytes at hand from <paramref name="offset"/> on, in one piece, at most a chunk; empty at the end of what has come. For an owner
    /// of a whole body; who reads a growing one goes through <see cref="BodyReader"/>.
    /// </summary>
    public ReadOnlySpan<byte> At(long offset) => At(offset, Length);

    /// <summary>The same for the writer of a whole body, who knows the last byte before it shows; or for an owner of a complete one.</summary>
    public ReadOnlySpan<byte> Written(long offset) => At(offset, _length);

    private ReadOnlySpan<byte> At(long offset, long length)
    {
        if (offset >= length)
            return default;
        if (IsMoved)
        {
            var there = _home!.At(offset);
            return there.Length <= length - offset ? there : there[..(int)(length - offset)];
        }
        return _chunks.At(offset, length);
    }

    internal Task Grown(long offset)
    {
        if (_state is not BodyState.Growing)
            return Task.CompletedTask;
        lock (_gate)
        {
            if (_shown > offset || _state is not BodyState.Growing)
                return Task.CompletedTask;
            _grown ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _grown.Task;
        }
    }

    internal void Advanced()
    {
        if (IsWhole)
            return;
        lock (_gate)
            FreePassed();
    }

    internal void Remove(BodyReader reader)
    {
        if (_gate is not null)
            lock (_gate)
                if (_readers.Remove(reader) && !_isWhole)
                    FreePassed();
        Release();
    }

    private void AddChunk()
    {
        var size = SizeAt(_length);
        var chunk = _pool.Rent(size);
        if (!_isWhole)
            _pool.Passing(size);
        lock (_gate)
            _chunks.Add(chunk, _length);
    }

    private int SizeAt(long length) =>
        !_isWhole ? WindowChunk
        : _expected is { } expected ? ChunkPool.SizeFor(expected - length)
        : ChunkPool.SizeFor(Math.Max(length / 4, FirstChunkOfUnknown)); // a quarter of what is there: at most a fifth stays empty

    private void Announce()
    {
        TaskCompletionSource? grown;
        lock (_gate)
        {
            grown = _grown;
            _grown = null;
            if (!_isWhole)
                FreePassed();
        }
        grown?.SetResult();
    }

    private void End(BodyState state)
    {
        Debug.Assert(_state is BodyState.Growing, "a body ends once");
        if (CheckedMemory.IsOn && IsWhole)
            _checksum = Checksum();
        if (state is BodyState.Complete)
            Volatile.Write(ref _shown, _length);
        _state = state;
        Announce();
    }

    private bool HasReader() => _readers.Exists(reader => !reader.IsLost);

    private long LowestKept()
    {
        var lowest = long.MaxValue;
        foreach (var reader in _readers)
            if (!reader.IsLost)
                lowest = Math.Min(lowest, reader.Keep);
        return Math.Min(lowest, _length);
    }

    private void FreePassed()
    {
        var lowest = LowestKept();
        while (_chunks.TryTakeBefore(lowest, out var chunk))
            Return(chunk);
        if (_room is { } room && (_length - lowest < WindowBytes || !HasReader()))
        {
            _room = null;
            room.SetResult();
        }
    }

    private void LoseLaggards()
    {
        lock (_gate)
        {
            var others = _readers.Exists(reader => !reader.IsLost && _length - reader.Keep < WindowBytes);
            if (!others)
                return;
            foreach (var reader in _readers)
                if (_length - reader.Keep >= WindowBytes)
                    reader.TryLose();
            FreePassed();
        }
    }

    // An owner calls it, so no chunk may be gone. Throwing is the point: these bytes are somebody else's.
    private void Check()
    {
        if (!IsMoved && _state is BodyState.Complete && IsWhole && _counted == 0 && Checksum() != _checksum)
            throw new InvalidOperationException("A body's bytes are not those that came: its memory was given to somebody else.");
    }

    private ulong Checksum()
    {
        var sum = 0UL;
        for (var offset = 0L; offset < _length;)
        {
            var piece = At(offset, _length);
            sum = XxHash3.HashToUInt64(piece, (long)sum);
            offset += piece.Length;
        }
        return sum;
    }

    private void Free()
    {
        foreach (var chunk in _chunks.Chunks)
            Return(chunk);
        _chunks.Clear();
        if (_counted != 0)
            _pool.Charge(-_counted);
    }

    private void Return(Chunk chunk)
    {
        _pool.Return(chunk);
        if (!_isWhole)
            _pool.Passing(-chunk.Capacity);
    }
}
