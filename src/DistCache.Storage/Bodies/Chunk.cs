namespace DistCache.Storage.Bodies;

/// <summary>A piece of native memory, as long as it has not been returned. Has no references, so that native memory may hold it, too.</summary>
/// <param name="Address">Its first byte.</param>
/// <param name="Page">Number of the page that it was taken from; negative: it is a page of its own.</param>
/// <param name="Capacity">Bytes.</param>
internal readonly record struct Chunk(nint Address, int Page, int Capacity)
{
    /// <summary>Valid only as long as the chunk has not been returned.</summary>
    public unsafe Span<byte> Span => new((void*)Address, Capacity);
}
