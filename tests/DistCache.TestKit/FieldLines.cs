using System.Collections;

namespace DistCache.TestKit;

/// <summary>The field lines of one message, in the order of the wire.</summary>
public sealed class FieldLines(IReadOnlyList<FieldLine> lines) : IReadOnlyList<FieldLine>
{
    public static FieldLines Empty { get; } = new([]);

    public int Count => lines.Count;

    public FieldLine this[int index] => lines[index];

    /// <summary>The values of every line of that name, in order; names compare without case (RFC 9110 §5.1).</summary>
    public IReadOnlyList<string> All(string name) =>
        [.. lines.Where(line => line.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(line => line.Value)];

    /// <summary>All lines of that name joined by ", " (RFC 9110 §5.3), or null where there is none.</summary>
    public string? Joined(string name) => All(name) is { Count: > 0 } values ? string.Join(", ", values) : null;

    public bool Has(string name) => All(name).Count > 0;

    public IEnumerator<FieldLine> GetEnumerator() => lines.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join("\n", lines);
}
