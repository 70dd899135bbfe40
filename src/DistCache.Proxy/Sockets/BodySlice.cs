using DistCache.Storage.Memory;

namespace DistCache.Proxy.Sockets;

/// <summary>Bytes of a stored body, for who is an owner of its resident.</summary>
/// <param name="End">Behind its last byte.</param>
internal readonly record struct BodySlice(Resident? Resident, long Start, long End)
{
    public long Length => End - Start;

    public bool IsEmpty => Start == End;

    /// <summary>Its bytes from the first on, as far as they lie together; none: it is empty.</summary>
    public ReadOnlySpan<byte> First
    {
        get
        {
            if (IsEmpty)
                return default;
            var bytes = Resident!.At(Start);
            return bytes.Length <= Length ? bytes : bytes[..(int)Length];
        }
    }

    /// <summary>Without that many of its first bytes.</summary>
    public BodySlice From(long count) => this with { Start = Start + count };
}
