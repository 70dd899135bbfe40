namespace DistCache.TestKit;

/// <summary>
/// Writes every field as "literal without indexing, new name", never Huffman (RFC 7541 §6.2.2): any byte can stand in a name or value,
/// and a block means the same on every connection.
/// </summary>
public static class HpackEncoder
{
    public static byte[] Encode(IEnumerable<FieldLine> fields)
    {
        var output = new List<byte>();
        foreach (var field in fields)
        {
            output.Add(0);
            WriteText(output, field.Name);
            WriteText(output, field.Value);
        }

        return [.. output];
    }

    private static void WriteText(List<byte> output, string text)
    {
        HpackInteger.Write(output, firstBits: 0, prefix: 7, text.Length);
        output.AddRange(Latin1.Bytes(text));
    }
}
