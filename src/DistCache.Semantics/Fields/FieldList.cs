using System.Collections;

namespace DistCache.Semantics.Fields;

/// <summary>Field lines in the order in which they came; lines of one name keep number and order (RFC 9110 §5.2, §5.3).</summary>
public sealed class FieldList : IReadOnlyList<Field>
{
    public static readonly FieldList Empty = new([]);

    private readonly Field[] _fields;

    public FieldList(IEnumerable<Field> fields) => _fields = [.. fields];

    private FieldList(Field[] fields) => _fields = fields;

    /// <summary>Of an array that nobody writes to any more: it is not copied.</summary>
    public static FieldList Of(Field[] fields) => new(fields);

    public int Count => _fields.Length;

    public Field this[int index] => _fields[index];

    /// <summary>The values of every line of this name, in order; names are case-insensitive.</summary>
    public LinesOfField Lines(string name) => new(_fields, name);

    public bool Has(string name) => First(name) is not null;

    /// <summary>The first line of this name, or null.</summary>
    public string? First(string name)
    {
        foreach (var field in _fields)
            if (field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return field.Value;
        return null;
    }

    /// <summary>The only line of this name; null when there is none or there are several (a singleton field sent twice says nothing, RFC 9110 §5.3).</summary>
    public string? Single(string name)
    {
        string? found = null;
        foreach (var field in _fields)
            if (field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                if (found is not null)
                    return null;
                found = field.Value;
            }
        return found;
    }

    /// <summary>Of <c>foreach</c>, for which nothing is allocated.</summary>
    public ReadOnlySpan<Field>.Enumerator GetEnumerator() => new ReadOnlySpan<Field>(_fields).GetEnumerator();

    IEnumerator<Field> IEnumerable<Field>.GetEnumerator() => ((IEnumerable<Field>)_fields).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _fields.GetEnumerator();
}
