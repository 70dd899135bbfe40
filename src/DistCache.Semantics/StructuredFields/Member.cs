using System.Collections.ObjectModel;

namespace DistCache.Semantics.StructuredFields;

/// <summary>A member of a list or a dictionary: an item or an inner list, either with parameters in their order (RFC 9651 §3.1, §3.2).</summary>
public abstract record Member(IReadOnlyDictionary<string, BareItem> Parameters)
{
    public static readonly IReadOnlyDictionary<string, BareItem> NoParameters = ReadOnlyDictionary<string, BareItem>.Empty;
}

/// <summary>RFC 9651 §3.3.</summary>
public sealed record Item(BareItem Value, IReadOnlyDictionary<string, BareItem> Parameters) : Member(Parameters)
{
    public Item(BareItem value)
        : this(value, NoParameters)
    {
    }
}

/// <summary>RFC 9651 §3.1.1.</summary>
public sealed record InnerList(IReadOnlyList<Item> Items, IReadOnlyDictionary<string, BareItem> Parameters) : Member(Parameters);
