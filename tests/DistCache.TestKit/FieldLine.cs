namespace DistCache.TestKit;

/// <summary>One field line as it was sent: the name's case and the value's bytes are kept (RFC 9110 §5.1).</summary>
public sealed record FieldLine(string Name, string Value)
{
    /// <summary>Reads <c>Name: value</c>, the way a test writes it.</summary>
    public static FieldLine Parse(string line)
    {
        var colon = line.IndexOf(':', 1);
        return colon < 0
            ? throw new ArgumentException($"'{line}' is no field line: write 'Name: value'.", nameof(line))
            : new FieldLine(line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
    }

    public override string ToString() => $"{Name}: {Value}";
}
