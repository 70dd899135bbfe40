using System.Buffers.Binary;
using System.Collections;

namespace DistCache.Geo.Databases;

/// <summary>
/// Looks through a whole MaxMind database once, before anybody is answered from it: every record of the search tree, and every value that one of
/// them leads to, once. A reader finds a broken place only when somebody asks for it; this finds it while the last good database is still in force.
/// </summary>
/// <remarks>
/// <code>
/// search tree    NodeCount nodes of two records (24, 28 or 32 bits): a node, NodeCount (nothing), or NodeCount + 16 + offset of a value
/// 16 zero bytes
/// data section   values: control byte (type, size), payload; a pointer is an offset from the section's begin
/// marker         AB CD EF "MaxMind.com", its last one in the file
/// metadata       one map
/// </code>
/// MaxMind DB file format specification 2.0, https://maxmind.github.io/MaxMind-DB/.
/// </remarks>
internal ref struct MmdbCheck
{
    private const int Separator = 16;
    private const int MostDepth = 32;
    private const int MostMembers = 4096;
    private const int MostMetadata = 128 * 1024;

    private static ReadOnlySpan<byte> Marker => "MaxMind.com"u8;

    private readonly ReadOnlySpan<byte> _file;
    private ReadOnlySpan<byte> _data;
    private readonly Dictionary<int, int> _weights = [];

    private MmdbCheck(ReadOnlySpan<byte> file) => _file = file;

    /// <summary>What is wrong, null: nothing.</summary>
    public static string? Problem(ReadOnlySpan<byte> file)
    {
        try
        {
            return new MmdbCheck(file).Run();
        }
        // Offsets are followed as they are written; what leaves the file ends here.
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            return "is truncated or damaged: a value leaves the file";
        }
    }

    private string? Run()
    {
        var marker = FindMarker();
        if (marker < 0)
            return "has no MaxMind metadata: it is truncated, or no MaxMind database";
        _data = _file[(marker + 3 + Marker.Length)..];
        var metadata = new Dictionary<string, long>(StringComparer.Ordinal);
        if (ReadMetadata(metadata) is { } wrong)
            return wrong;
        var (nodes, bits) = (metadata["node_count"], metadata["record_size"]);
        var tree = nodes * bits / 4;
        if (nodes <= 0 || tree + Separator > marker)
            return "is truncated or damaged: its search tree is larger than the file";
        if (_file.Slice((int)tree, Separator).ContainsAnyExcept((byte)0))
            return "is damaged: its search tree does not end where its metadata says";
        _data = _file[((int)tree + Separator)..marker];
        _weights.Clear();
        return CheckTree(nodes, (int)bits);
    }

    private readonly int FindMarker()
    {
        var from = Math.Max(0, _file.Length - MostMetadata);
        var end = _file.Length;
        while (_file[from..end].LastIndexOf(Marker) is >= 0 and var at)
        {
            var begin = from + at - 3;
            if (begin >= 0 && _file[begin] == 0xab && _file[begin + 1] == 0xcd && _file[begin + 2] == 0xef)
                return begin;
            end = from + at;
        }
        return -1;
    }

    private string? ReadMetadata(Dictionary<string, long> numbers)
    {
        var at = 0;
        var (type, size) = Control(ref at);
        if (type != MmdbType.Map || size > MostMembers)
            return "is damaged: its metadata is no map";
        for (var i = 0; i < size; i++)
        {
            var (keyType, keySize) = Control(ref at);
            if (keyType != MmdbType.String)
                return "is damaged: a key of its metadata is no text";
            var key = System.Text.Encoding.UTF8.GetString(_data.Slice(at, keySize));
            at += keySize;
            var valueAt = at;
            if (Skip(ref at, 0) is { } wrong)
                return wrong;
            var (valueType, valueSize) = Control(ref valueAt);
            if (valueType is MmdbType.UInt16 or MmdbType.UInt32 or MmdbType.UInt64 && valueSize <= 7)
                numbers[key] = Number(valueAt, valueSize);
        }
        if (!numbers.ContainsKey("node_count") || !numbers.TryGetValue("record_size", out var bits) || bits is not (24 or 28 or 32))
            return "is damaged: its metadata has no node count or no record size of 24, 28 or 32 bits";
        if (!numbers.TryGetValue("ip_version", out var version) || version is not (4 or 6))
            return "is damaged: its metadata has no IP version 4 or 6";
        return numbers.GetValueOrDefault("binary_format_major_version") == 2 ? null : "has a format other than MaxMind DB 2";
    }

    private string? CheckTree(long nodes, int bits)
    {
        var seen = new BitArray(_data.Length);
        var hasValue = false;
        for (var node = 0L; node < nodes; node++)
            for (var side = 0; side < 2; side++)
            {
                var record = Record((int)node, side, bits);
                if (record <= nodes)
                    continue;
                var offset = record - nodes - Separator;
                if (offset < 0 || offset >= _data.Length)
                    return "is truncated or damaged: its search tree points out of the file";
                hasValue = true;
                if (seen[(int)offset])
                    continue;
                seen[(int)offset] = true;
                var at = (int)offset;
                if (Skip(ref at, 0) is { } wrong)
                    return wrong;
            }
        return !hasValue ? "knows no address at all" : HasCircle((int)nodes, bits) ? "is damaged: its search tree has a circle, or is too deep" : null;
    }

    /// <summary>Depth first. Several records may lead to one node: IPv6 databases have the IPv4 tree under more than one prefix.</summary>
    private readonly bool HasCircle(int nodes, int bits)
    {
        const int MostBits = 128;
        var seen = new BitArray(nodes);
        Span<(int Node, int Side)> way = stackalloc (int, int)[MostBits];
        var depth = 0;
        way[0] = (0, 0);
        while (depth >= 0)
        {
            ref var at = ref way[depth];
            if (at.Side == 2)
            {
                depth--;
                continue;
            }
            var next = Record(at.Node, at.Side++, bits);
            if (next >= nodes)
                continue;
            foreach (var (node, _) in way[..(depth + 1)])
                if (node == next)
                    return true;
            if (seen[(int)next])
                continue;
            seen[(int)next] = true;
            if (++depth == MostBits)
                return true;
            way[depth] = ((int)next, 0);
        }
        return false;
    }

    private readonly long Record(int node, int side, int bits)
    {
        var at = node * (bits / 4);
        switch (bits)
        {
            case 24:
                at += side * 3;
                return (_file[at] << 16) | (_file[at + 1] << 8) | _file[at + 2];
            case 28:
                // The middle byte has the highest four bits of both: left in its upper half.
                var high = side == 0 ? _file[at + 3] >> 4 : _file[at + 3] & 0x0f;
                at += side * 4;
                return ((long)high << 24) | (uint)(_file[at] << 16) | (uint)(_file[at + 1] << 8) | _file[at + 2];
            default:
                return BinaryPrimitives.ReadUInt32BigEndian(_file[(at + (side * 4))..]);
        }
    }

    /// <summary>Moves behind the value at <paramref name="at"/>, having followed it wholly. Null: it is sound.</summary>
    private string? Skip(ref int at, int depth)
    {
        _ = Weigh(ref at, depth, out var wrong);
        return wrong;
    }

    /// <summary>How many values it is when all pointers are followed: a reader makes each of them.</summary>
    private int Weigh(ref int at, int depth, out string? wrong)
    {
        wrong = null;
        if (depth > MostDepth)
            return Wrong("is damaged: its values are nested too deeply, or in a circle", out wrong);
        var (type, size) = Control(ref at);
        switch (type)
        {
            case MmdbType.Pointer:
                return Follow(size, depth, out wrong);
            case MmdbType.Map or MmdbType.Array:
                if (size > MostMembers)
                    return Wrong("is damaged: a value has too many members", out wrong);
                return Members(ref at, type, size, depth, out wrong);
            case MmdbType.Double when size != 8:
            case MmdbType.Float when size != 4:
            case MmdbType.UInt16 when size > 2:
            case MmdbType.UInt32 or MmdbType.Int32 when size > 4:
            case MmdbType.UInt64 when size > 8:
            case MmdbType.UInt128 when size > 16:
            case MmdbType.Boolean when size > 1:
                return Wrong("is damaged: a number has a wrong size", out wrong);
            case MmdbType.Boolean:
                return 1;
            case MmdbType.String or MmdbType.Double or MmdbType.Bytes or MmdbType.UInt16 or MmdbType.UInt32 or MmdbType.Int32 or MmdbType.UInt64 or MmdbType.UInt128 or MmdbType.Float:
                _ = _data.Slice(at, size);
                at += size;
                return 1;
            default:
                return Wrong("is damaged: a value has no type of the format", out wrong);
        }
    }

    private int Follow(int offset, int depth, out string? wrong)
    {
        wrong = null;
        if (_weights.TryGetValue(offset, out var known))
            return known;
        var to = offset;
        var (type, _) = Control(ref to);
        if (type is MmdbType.Pointer)
            return Wrong("is damaged: a pointer leads to a pointer", out wrong);
        var at = offset;
        var weight = Weigh(ref at, depth + 1, out wrong);
        _weights[offset] = weight;
        return weight;
    }

    private int Members(ref int at, MmdbType type, int size, int depth, out string? wrong)
    {
        wrong = null;
        var weight = 1;
        for (var i = 0; i < size; i++)
        {
            if (type is MmdbType.Map)
            {
                var key = at;
                var (keyType, to) = Control(ref key);
                if (keyType is MmdbType.Pointer)
                    (keyType, _) = Control(ref to);
                if (keyType is not MmdbType.String)
                    return Wrong("is damaged: a key is no text", out wrong);
                weight += Weigh(ref at, depth + 1, out wrong);
                if (wrong is not null)
                    return weight;
            }
            weight += Weigh(ref at, depth + 1, out wrong);
            if (wrong is not null)
                return weight;
            if (weight > MostMembers)
                return Wrong("is damaged: a value has too many members", out wrong);
        }
        return weight;
    }

    private static int Wrong(string what, out string? wrong)
    {
        wrong = what;
        return 0;
    }

    /// <summary>Type and size of the value at <paramref name="at"/>; of a pointer, where it leads. Moves to the payload, behind a pointer.</summary>
    private readonly (MmdbType Type, int Size) Control(ref int at)
    {
        var control = _data[at++];
        var type = (MmdbType)(control >> 5);
        if (type is MmdbType.Pointer)
            return (type, Pointer(control, ref at));
        if (type is MmdbType.Extended)
            type = (MmdbType)(7 + _data[at++]);
        var size = control & 0x1f;
        if (size < 29)
            return (type, size);
        var bytes = size - 28;
        var more = (int)Number(at, bytes);
        at += bytes;
        return (type, more + (bytes switch { 1 => 29, 2 => 285, _ => 65_821 }));
    }

    private readonly int Pointer(byte control, ref int at)
    {
        var bytes = ((control >> 3) & 3) + 1;
        var number = Number(at, bytes);
        at += bytes;
        return checked((int)(bytes switch
        {
            1 => ((control & 7L) << 8) + number,
            2 => ((control & 7L) << 16) + number + 2048,
            3 => ((control & 7L) << 24) + number + 526_336,
            _ => number,
        }));
    }

    private readonly long Number(int at, int bytes)
    {
        var number = 0L;
        foreach (var b in _data.Slice(at, bytes))
            number = (number << 8) | b;
        return number;
    }
}
