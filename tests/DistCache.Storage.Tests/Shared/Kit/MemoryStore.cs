using System.Buffers;
using System.Text;
using DistCache.Storage.Shared;

namespace DistCache.Storage.Tests.Shared.Kit;

/// <summary>A shared store in this process that does what the scripts do in Redis: values with an end of life. It can be slow, gone, and made wrong.</summary>
internal sealed class MemoryStore(TimeProvider time) : ISharedStore, IChunkStore, ILeaseStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (byte[] Value, DateTimeOffset Until)> _values = [];
    private int _finds;

    /// <summary>Awaited before each operation; throws where the store is to be gone.</summary>
    public Func<Task> Before { get; set; } = static () => Task.CompletedTask;

    /// <summary>Look-ups so far.</summary>
    public int Finds => Volatile.Read(ref _finds);

    public IReadOnlyCollection<string> Names
    {
        get
        {
            lock (_gate)
                return [.. _values.Where(pair => pair.Value.Until > time.GetUtcNow()).Select(pair => pair.Key)];
        }
    }

    public IEnumerable<string> Heads => Names.Where(name => !name.StartsWith("c:", StringComparison.Ordinal) && !name.EndsWith(":l", StringComparison.Ordinal));

    public IEnumerable<string> Chunks => Names.Where(name => name.StartsWith("c:", StringComparison.Ordinal));

    public IEnumerable<string> Leases => Names.Where(name => name.EndsWith(":l", StringComparison.Ordinal));

    public byte[] this[string name]
    {
        get => Get(name)!;
        set
        {
            lock (_gate)
                _values[name] = (value, _values.TryGetValue(name, out var old) ? old.Until : DateTimeOffset.MaxValue);
        }
    }

    public void Remove(string name)
    {
        lock (_gate)
            _values.Remove(name);
    }

    public async Task<StoreFind> FindAsync(StoreQuery query)
    {
        Interlocked.Increment(ref _finds);
        await Before();
        lock (_gate)
        {
            var name = NameOf(new(query.Log, query.Key, ""));
            var variant = "";
            if (Get(name) is { } record && record.AsSpan().StartsWith("DcShV"u8))
            {
                var parts = query.Fields.ToDictionary();
                foreach (var field in Encoding.ASCII.GetString(record[VaryRecord.HeadLength..]).Split(','))
                {
                    if (!parts.TryGetValue(field, out var part))
                        return new(StoreFound.UnknownNames, "", record[VaryRecord.HeadLength..]);
                    variant += ":" + part;
                }
                name += variant;
            }
            if (Get(name) is { } value)
                return new(StoreFound.Envelope, variant, value, _values[name].Until == DateTimeOffset.MaxValue ? TimeSpan.FromMilliseconds(-1) : _values[name].Until - time.GetUtcNow());
            if (query.Lease is null)
                return new(StoreFound.Nothing, variant);
            if (Get(name + ":l") is { } holder)
                return new(StoreFound.Held, variant, Holder: Encoding.ASCII.GetString(holder));
            Set(name + ":l", Encoding.ASCII.GetBytes(query.Lease), query.LeaseTime);
            return new(StoreFound.Leased, variant);
        }
    }

    public async Task<StoreSet> SetAsync(StoreWrite write)
    {
        await Before();
        lock (_gate)
        {
            var place = NameOf(write.Place);
            var root = NameOf(write.Place with { Variant = "" });
            if (write.Lease is not null)
                Release(place + ":l", write.Lease);
            var old = Get(place);
            if (IsLater(old, write) || (!write.Names.IsEmpty && !HasNames(Get(root), write) && IsLater(Get(root), write)))
                return new(false);
            Set(place, write.Envelope.ToArray(), write.Keep);
            if (!write.Names.IsEmpty)
                Set(root, write.Names.ToArray(), write.Keep);
            return new(true, old is not null && old.AsSpan().StartsWith("DcShR"u8) ? old[..EnvelopeWriter.HeadLength] : default(ReadOnlyMemory<byte>));
        }
    }

    public async Task ForgetAsync(SharedPlace place, UInt128 generation)
    {
        await Before();
        lock (_gate)
            if (Get(NameOf(place)) is { } head && EnvelopeReader.PlaceOf(head).Generation == generation)
                _values.Remove(NameOf(place));
    }

    public Task PingAsync() => Before();

    async Task<IMemoryOwner<byte>?> IChunkStore.ReadAsync(UInt128 generation, int index)
    {
        await Before();
        return Get($"c:{generation:x}:{index}") is { } chunk ? new Owned(chunk) : null;
    }

    async Task IChunkStore.WriteAsync(UInt128 generation, int index, ReadOnlyMemory<byte> chunk, TimeSpan keep)
    {
        await Before();
        lock (_gate)
            Set($"c:{generation:x}:{index}", chunk.ToArray(), keep);
    }

    async Task<bool> IChunkStore.KeepAsync(BodyPlace place, TimeSpan keep)
    {
        await Before();
        var all = true;
        lock (_gate)
            for (var i = 0; i < place.Chunks; i++)
                if (Get($"c:{place.Generation:x}:{i}") is { } chunk)
                    Set($"c:{place.Generation:x}:{i}", chunk, keep);
                else
                    all = false;
        return all;
    }

    async Task<string?> ILeaseStore.TakeAsync(SharedPlace place, ReadOnlyMemory<byte> seen, string value, TimeSpan keep)
    {
        await Before();
        lock (_gate)
        {
            if (Get(NameOf(place)) is not { } head || !head.AsSpan().EndsWith(seen.Span))
                return "";
            if (Get(NameOf(place) + ":l") is { } holder)
                return Encoding.ASCII.GetString(holder);
            Set(NameOf(place) + ":l", Encoding.ASCII.GetBytes(value), keep);
            return null;
        }
    }

    async Task<bool> ILeaseStore.RenewAsync(SharedPlace place, string value, TimeSpan keep)
    {
        await Before();
        lock (_gate)
        {
            var isOurs = Get(NameOf(place) + ":l") is { } holder && Encoding.ASCII.GetString(holder) == value;
            if (isOurs)
                Set(NameOf(place) + ":l", Encoding.ASCII.GetBytes(value), keep);
            return isOurs;
        }
    }

    async Task ILeaseStore.ReleaseAsync(SharedPlace place, string value, string? mark, TimeSpan markFor)
    {
        await Before();
        lock (_gate)
            if (Release(NameOf(place) + ":l", value) && mark is not null)
                Set(NameOf(place) + ":l", Encoding.ASCII.GetBytes(mark), markFor);
    }

    private bool Release(string name, string value)
    {
        var isOurs = Get(name) is { } holder && Encoding.ASCII.GetString(holder) == value;
        if (isOurs)
            _values.Remove(name);
        return isOurs;
    }

    private static bool HasNames(byte[]? known, StoreWrite write) =>
        known is not null && known.AsSpan().StartsWith("DcShV"u8) && known.AsSpan(VaryRecord.HeadLength).SequenceEqual(write.Names.Span[VaryRecord.HeadLength..]);

    private static bool IsLater(byte[]? known, StoreWrite write) =>
        !write.Replaces && known is not null && known.AsSpan().StartsWith("DcSh"u8) && EnvelopeReader.StampOf(known).Position > write.Position;

    private static string NameOf(in SharedPlace place) => Convert.ToHexString(place.Key.Bytes) + place.Variant;

    private byte[]? Get(string name)
    {
        lock (_gate)
            return _values.TryGetValue(name, out var value) && value.Until > time.GetUtcNow() ? value.Value : null;
    }

    private void Set(string name, byte[] value, TimeSpan keep) => _values[name] = (value, time.GetUtcNow() + keep);

    private sealed class Owned(byte[] bytes) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory => bytes;

        public void Dispose()
        {
        }
    }
}
