namespace DistCache.TestKit;

/// <summary>Reads header blocks of one direction of one connection: static table, dynamic table and Huffman (RFC 7541).</summary>
public sealed class HpackDecoder
{
    // Newest first, as RFC 7541 §2.3.2 counts them.
    private readonly List<FieldLine> _dynamic = [];
    private int _capacity = 4096;

    public IReadOnlyList<FieldLine> Decode(ReadOnlySpan<byte> block)
    {
        var fields = new List<FieldLine>();
        for (var at = 0; at < block.Length;)
        {
            var first = block[at];
            if (first >= 0x80)
                fields.Add(Entry(HpackInteger.Read(block, ref at, 7)));
            else if (first >= 0x40)
                fields.Add(Remember(ReadLiteral(block, ref at, prefix: 6)));
            else if (first >= 0x20)
                Resize(HpackInteger.Read(block, ref at, 5));
            else
                fields.Add(ReadLiteral(block, ref at, prefix: 4));
        }

        return fields;
    }

    private FieldLine ReadLiteral(ReadOnlySpan<byte> block, ref int at, int prefix)
    {
        var index = HpackInteger.Read(block, ref at, prefix);
        var name = index == 0 ? ReadText(block, ref at) : Entry(index).Name;
        return new FieldLine(name, ReadText(block, ref at));
    }

    private static string ReadText(ReadOnlySpan<byte> block, ref int at)
    {
        var huffman = block[at] >= 0x80;
        var length = HpackInteger.Read(block, ref at, 7);
        var bytes = block.Slice(at, length);
        at += length;
        return huffman ? Latin1.Text(HpackHuffman.Decode(bytes)) : Latin1.Text(bytes);
    }

    private FieldLine Entry(int index)
    {
        if (index >= 1 && index <= HpackStaticTable.Entries.Count)
            return HpackStaticTable.Entries[index - 1];
        index -= HpackStaticTable.Entries.Count + 1;
        return index >= 0 && index < _dynamic.Count
            ? _dynamic[index]
            : throw new WireException("HPACK: an index outside both tables (RFC 7541 §2.3.3).");
    }

    private FieldLine Remember(FieldLine field)
    {
        _dynamic.Insert(0, field);
        Evict();
        return field;
    }

    private void Resize(int capacity)
    {
        _capacity = capacity;
        Evict();
    }

    /// <summary>RFC 7541 §4.1: an entry counts 32 beside its name and value.</summary>
    private void Evict()
    {
        var size = _dynamic.Sum(field => field.Name.Length + field.Value.Length + 32);
        while (size > _capacity)
        {
            var oldest = _dynamic[^1];
            size -= oldest.Name.Length + oldest.Value.Length + 32;
            _dynamic.RemoveAt(_dynamic.Count - 1);
        }
    }
}
