namespace DistCache.Storage.Bodies;

/// <summary>A piece of native memory, as long as it has not been returned.</summary>
internal readonly unsafe struct Chunk(ChunkPage page, nint address, int capacity)
{
    public ChunkPage Page { get; } = page;

    public nint Address { get; } = address;

    public int Capacity { get; } = capacity;

    /// <summary>Valid only as long as the chunk has not been returned.</summary>
    public Span<byte> Span => new((void*)Address, Capacity);
}
