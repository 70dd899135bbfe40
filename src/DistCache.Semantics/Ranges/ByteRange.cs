namespace DistCache.Semantics.Ranges;

/// <summary>Bytes <see cref="First"/> to <see cref="Last"/>, both included (RFC 9110 §14.1.2).</summary>
public readonly record struct ByteRange(long First, long Last)
{
    public long Length => Last - First + 1;
}

public enum RangeDecision
{
    /// <summary>No usable Range, a failed If-Range, or overlapping ranges: 200 with everything.</summary>
    Whole,

    /// <summary>206.</summary>
    Partial,

    /// <summary>416 with <c>Content-Range: bytes */N</c>.</summary>
    NotSatisfiable,
}
