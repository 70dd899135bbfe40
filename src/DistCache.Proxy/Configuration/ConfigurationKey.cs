namespace DistCache.Proxy.Configuration;

/// <summary>How a value is written.</summary>
public enum KeyKind
{
    Text,
    Flag,

    /// <summary>0 to 1.</summary>
    Fraction,

    /// <summary><c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>, <c>00:05:00</c>; 0s to 365d.</summary>
    Duration,

    /// <summary><c>512MiB</c>, or bytes.</summary>
    Size,
    Choice,

    /// <summary>An array, or one text with commas.</summary>
    List,

    /// <summary>true, false, or a list.</summary>
    FlagOrList,
}

/// <summary>One setting as it is documented.</summary>
/// <param name="Key">Below its section, <c>{status}</c> for a name of the operator's.</param>
/// <param name="Default">In words; <c>a / b</c>: of the preset safe, of rfc9111.</param>
public sealed record ConfigurationKey(string Key, KeyKind Kind, string Default, string Meaning)
{
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What may be written, in words.</summary>
    public string Range => Kind switch
    {
        KeyKind.Flag => "true, false",
        KeyKind.Fraction => "0 to 1",
        KeyKind.Duration => "0s to 365d",
        KeyKind.Size => "bytes or 512MiB",
        KeyKind.Choice => string.Join(", ", Choices),
        KeyKind.List => "list",
        KeyKind.FlagOrList => "true, false, list",
        _ => "text",
    };
}
