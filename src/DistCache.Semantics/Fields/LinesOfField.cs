using System.Collections;

namespace DistCache.Semantics.Fields;

/// <summary>The values of every line of one name, in order. Read by <c>foreach</c> it allocates nothing.</summary>
public readonly record struct LinesOfField : IEnumerable<string>
{
    private readonly Field[] _fields;
    private readonly string _name;

    internal LinesOfField(Field[] fields, string name) => (_fields, _name) = (fields, name);

    public Enumerator GetEnumerator() => new(_fields, _name);

    IEnumerator<string> IEnumerable<string>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<string>
    {
        private readonly Field[] _fields;
        private readonly string _name;
        private int _at;

        internal Enumerator(Field[] fields, string name) => (_fields, _name, _at) = (fields, name, -1);

        public readonly string Current => _fields[_at].Value;

        readonly object IEnumerator.Current => Current;

        public bool MoveNext()
        {
            while (++_at < _fields.Length)
                if (_fields[_at].Name.Equals(_name, StringComparison.OrdinalIgnoreCase))
                    return true;
            return false;
        }

        public void Reset() => _at = -1;

        public readonly void Dispose()
        {
        }
    }
}
