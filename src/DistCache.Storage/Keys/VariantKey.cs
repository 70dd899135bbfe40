namespace DistCache.Storage.Keys;

/// <summary>The Vary part (RFC 9111 §4.1): the nominated names and this request's normalised values; null where the field was absent.</summary>
public sealed class VariantKey
{
    public static readonly VariantKey None = new([], []);

    public VariantKey(IReadOnlyList<string> names, string?[] values)
    {
        if (names.Count != values.Length)
            throw new ArgumentException("one value for each nominated name", nameof(values));
        Names = [.. names];
        Values = values;
    }

    public string[] Names { get; }

    public string?[] Values { get; }

    public bool Equals(VariantKey other) =>
        Names.AsSpan().SequenceEqual(other.Names) && Values.AsSpan().SequenceEqual(other.Values);
}
