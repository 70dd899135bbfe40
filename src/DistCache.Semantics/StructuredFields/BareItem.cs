namespace DistCache.Semantics.StructuredFields;

/// <summary>A bare item (RFC 9651 §3.3).</summary>
public abstract record BareItem
{
    private BareItem()
    {
    }

    /// <summary>At most 15 digits.</summary>
    public sealed record Integer(long Value) : BareItem;

    /// <summary>At most 12 digits before the point and 3 behind it.</summary>
    public sealed record Decimal(decimal Value) : BareItem;

    /// <summary>Printable ASCII.</summary>
    public sealed record String(string Value) : BareItem;

    public sealed record Token(string Value) : BareItem;

    public sealed record ByteSequence(ReadOnlyMemory<byte> Value) : BareItem;

    public sealed record Boolean(bool Value) : BareItem;

    /// <summary>Seconds since 1970-01-01T00:00:00Z without leap seconds; may lie far outside what a DateTime can say.</summary>
    public sealed record Date(long UnixSeconds) : BareItem;

    /// <summary>Any Unicode text.</summary>
    public sealed record DisplayString(string Value) : BareItem;
}
