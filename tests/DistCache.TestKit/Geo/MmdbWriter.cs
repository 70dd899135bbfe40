using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace DistCache.TestKit;

/// <summary>
/// Writes small MaxMind databases (format 2.0): networks to maps of text, numbers and maps. Addresses are those that a test says, 127.x too, which no
/// real database has. Longer prefixes must be added after the shorter ones that hold them.
/// </summary>
public sealed class MmdbWriter(string type, int recordSize = 24, int ipVersion = 6)
{
    private const int Separator = 16;

    private readonly Node _root = new();
    private readonly MemoryStream _data = new();
    private readonly Dictionary<string, int> _written = new(StringComparer.Ordinal);

    /// <summary>In the metadata; 2026-01-01 unless it is set.</summary>
    public DateTimeOffset BuiltAt { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>MaxMind's schema for a country, or for a city where <paramref name="point"/> is given.</summary>
    public MmdbWriter Place(string network, string country, string? continent = null, (double Latitude, double Longitude)? point = null, string? city = null, string? subdivision = null, bool isInEuropeanUnion = false)
    {
        var value = new Dictionary<string, object> { ["country"] = new Dictionary<string, object> { ["iso_code"] = country, ["is_in_european_union"] = isInEuropeanUnion, ["names"] = Names(country) } };
        if (continent is not null)
            value["continent"] = new Dictionary<string, object> { ["code"] = continent, ["names"] = Names(continent) };
        if (point is { } at)
            value["location"] = new Dictionary<string, object> { ["latitude"] = at.Latitude, ["longitude"] = at.Longitude };
        if (city is not null)
            value["city"] = new Dictionary<string, object> { ["names"] = Names(city) };
        if (subdivision is not null)
            value["subdivisions"] = new List<object> { new Dictionary<string, object> { ["iso_code"] = subdivision } };
        return Add(network, value);
    }

    /// <summary>The schema of npm's <c>@ip-location-db</c>.</summary>
    public MmdbWriter CountryCode(string network, string country) => Add(network, new() { ["country_code"] = country });

    public MmdbWriter System(string network, uint number, string organization) =>
        Add(network, new() { ["autonomous_system_number"] = number, ["autonomous_system_organization"] = organization });

    /// <param name="network">As 127.0.1.0/24, 127.0.0.7/32 or 2001:db8::/32.</param>
    public MmdbWriter Add(string network, Dictionary<string, object> value)
    {
        var parsed = IPNetwork.Parse(network);
        var bytes = parsed.BaseAddress.GetAddressBytes();
        var length = parsed.PrefixLength;
        if (ipVersion == 6 && bytes.Length == 4)
            (bytes, length) = ([.. new byte[12], .. bytes], length + 96);
        var node = _root;
        for (var bit = 0; bit < length; bit++)
            node = node.Child((bytes[bit / 8] >> (7 - (bit % 8))) & 1);
        (node.Value, node.Left, node.Right) = (ValueAt(value), null, null);
        return this;
    }

    public byte[] ToBytes()
    {
        var nodes = new List<Node>();
        Number(_root, nodes);
        var file = new MemoryStream();
        foreach (var node in nodes)
            WriteNode(file, Record(node.Left, nodes.Count), Record(node.Right, nodes.Count));
        file.Write(new byte[Separator]);
        _data.WriteTo(file);
        file.Write([0xab, 0xcd, 0xef]);
        file.Write("MaxMind.com"u8);
        WriteValue(file, Metadata(nodes.Count));
        return file.ToArray();
    }

    /// <summary>Whole at once, as a careful operator does: written beside it, then renamed.</summary>
    public void Replace(string path)
    {
        File.WriteAllBytes(path + ".new", ToBytes());
        File.Move(path + ".new", path, overwrite: true);
    }

    private Dictionary<string, object> Metadata(int nodes) => new()
    {
        ["binary_format_major_version"] = (ushort)2,
        ["binary_format_minor_version"] = (ushort)0,
        ["build_epoch"] = (ulong)BuiltAt.ToUnixTimeSeconds(),
        ["database_type"] = type,
        ["description"] = new Dictionary<string, object> { ["en"] = "made by a test" },
        ["ip_version"] = (ushort)ipVersion,
        ["languages"] = new List<object> { "en" },
        ["node_count"] = (uint)nodes,
        ["record_size"] = (ushort)recordSize,
    };

    private static Dictionary<string, object> Names(string name) => new() { ["en"] = name, ["de"] = name + " (de)" };

    private static void Number(Node node, List<Node> nodes)
    {
        if (node.Value is not null)
            return;
        node.Index = nodes.Count;
        nodes.Add(node);
        if (node.Left is { } left)
            Number(left, nodes);
        if (node.Right is { } right)
            Number(right, nodes);
    }

    private static uint Record(Node? node, int count) => node switch
    {
        null => (uint)count,
        { Value: { } at } => (uint)(count + Separator + at),
        _ => (uint)node.Index,
    };

    private void WriteNode(MemoryStream file, uint left, uint right)
    {
        switch (recordSize)
        {
            case 24:
                file.Write([(byte)(left >> 16), (byte)(left >> 8), (byte)left, (byte)(right >> 16), (byte)(right >> 8), (byte)right]);
                break;
            case 28:
                file.Write([(byte)(left >> 16), (byte)(left >> 8), (byte)left, (byte)(((left >> 20) & 0xf0) | (right >> 24)), (byte)(right >> 16), (byte)(right >> 8), (byte)right]);
                break;
            default:
                file.Write([(byte)(left >> 24), (byte)(left >> 16), (byte)(left >> 8), (byte)left, (byte)(right >> 24), (byte)(right >> 16), (byte)(right >> 8), (byte)right]);
                break;
        }
    }

    /// <summary>Offset of a value in the data section; an equal one is written once.</summary>
    private int ValueAt(Dictionary<string, object> value)
    {
        var key = global::System.Text.Json.JsonSerializer.Serialize(value);
        if (_written.TryGetValue(key, out var at))
            return at;
        at = (int)_data.Length;
        WriteValue(_data, value);
        return _written[key] = at;
    }

    private void WriteValue(MemoryStream to, object value)
    {
        switch (value)
        {
            case Dictionary<string, object> map:
                Control(to, 7, map.Count);
                foreach (var (key, member) in map)
                {
                    WriteText(to, key);
                    WriteValue(to, member);
                }
                break;
            case List<object> list:
                Control(to, 11, list.Count);
                list.ForEach(member => WriteValue(to, member));
                break;
            case string text:
                WriteText(to, text);
                break;
            case bool flag:
                Control(to, 14, flag ? 1 : 0);
                break;
            case double number:
                Control(to, 3, 8);
                Span<byte> bytes = stackalloc byte[8];
                BinaryPrimitives.WriteDoubleBigEndian(bytes, number);
                to.Write(bytes);
                break;
            case ushort or uint or ulong:
                WriteNumber(to, value is ushort ? 5 : value is uint ? 6 : 9, Convert.ToUInt64(value, global::System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                throw new ArgumentException($"The writer has no {value.GetType()}.");
        }
    }

    /// <summary>In the data section a text that was written before is a pointer to it, as real databases have them.</summary>
    private void WriteText(MemoryStream to, string text)
    {
        if (to == _data && _written.TryGetValue("\"" + text, out var at) && at < 2048)
        {
            to.Write([(byte)(0x20 | (at >> 8)), (byte)at]);
            return;
        }
        if (to == _data)
            _written["\"" + text] = (int)to.Length;
        var bytes = Encoding.UTF8.GetBytes(text);
        Control(to, 2, bytes.Length);
        to.Write(bytes);
    }

    private static void WriteNumber(MemoryStream to, int kind, ulong number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        var used = bytes.SkipWhile(b => b == 0).ToArray();
        Control(to, kind, used.Length);
        to.Write(used);
    }

    private static void Control(MemoryStream to, int kind, int size)
    {
        var first = size < 29 ? size : 29;
        if (size >= 29 + 256)
            throw new ArgumentException("The writer has no values of 285 bytes or more.");
        if (kind <= 7)
            to.WriteByte((byte)((kind << 5) | first));
        else
            to.Write([(byte)first, (byte)(kind - 7)]);
        if (size >= 29)
            to.WriteByte((byte)(size - 29));
    }

    private sealed class Node
    {
        public Node? Left { get; set; }

        public Node? Right { get; set; }

        /// <summary>Offset in the data section; null: an inner node.</summary>
        public int? Value { get; set; }

        public int Index { get; set; }

        public Node Child(int bit)
        {
            // A network within one that has a value: both halves take it over.
            if (Value is { } value)
                (Left, Right, Value) = (new() { Value = value }, new() { Value = value }, null);
            return bit == 0 ? Left ??= new() : Right ??= new();
        }
    }
}
