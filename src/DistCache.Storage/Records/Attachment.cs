using DistCache.Storage.Bodies;

namespace DistCache.Storage.Records;

/// <summary>
/// Bytes that somebody keeps with a stored response, opaque here: they go when its record goes. To be read only by who keeps the resident alive.
/// <code>
///  0  .  Head
///  .  .  bytes
/// </code>
/// </summary>
public readonly unsafe struct Attachment
{
    private readonly nint _address;

    internal Attachment(nint address) => _address = address;

    /// <summary>There is none.</summary>
    public bool IsNone => _address == 0;

    /// <summary>By which its maker knows it.</summary>
    public ulong Id => Own->Id;

    /// <summary>Its maker's; may change.</summary>
    public long Stamp
    {
        get => Volatile.Read(ref Own->Stamp);
        set => Volatile.Write(ref Own->Stamp, value);
    }

    public ReadOnlySpan<byte> Bytes => new((byte*)_address + sizeof(Head), Own->Length);

    public Attachment Next => new(Own->Next);

    /// <summary>Bytes of memory that so many bytes take: who must stay within the capacity makes room for them first.</summary>
    public static int FootprintOf(int bytes) => ChunkPool.CapacityFor(sizeof(Head) + bytes);

    internal nint Address => _address;

    private Head* Own => (Head*)_address;

    internal static Attachment Make(ChunkPool pool, ulong id, long stamp, ReadOnlySpan<byte> bytes, nint next)
    {
        var memory = pool.Rent(FootprintOf(bytes.Length));
        pool.Attached(memory.Capacity);
        var made = new Attachment(memory.Address);
        *made.Own = new() { Memory = memory, Next = next, Id = id, Stamp = stamp, Length = bytes.Length };
        bytes.CopyTo(new Span<byte>((byte*)memory.Address + sizeof(Head), bytes.Length));
        return made;
    }

    internal void Return(ChunkPool pool)
    {
        pool.Attached(-Own->Memory.Capacity);
        pool.Return(Own->Memory);
    }

    private struct Head
    {
        public Chunk Memory;
        public nint Next;
        public ulong Id;
        public long Stamp;
        public int Length;
    }
}
