using System.IO.Compression;

namespace DistCache.LoadTests.HitRatio;

/// <summary>A trace in memory: lines <c>time,id,size</c>, gzip or plain, in the order of the requests. Ids are small integers.</summary>
internal sealed class Trace
{
    /// <summary>Bytes of each object of a trace that knows keys only: then the object miss ratio is the one that says something.</summary>
    private const int SizeOfKeyOnly = 32 * 1024;

    private Trace(string name, int[] ids, int[] sizes, bool isKeyOnly)
    {
        Name = name;
        Ids = ids;
        Sizes = sizes;
        IsKeyOnly = isKeyOnly;
    }

    public string Name { get; }

    /// <summary>The object of each request.</summary>
    public int[] Ids { get; }

    /// <summary>Body bytes by object.</summary>
    public int[] Sizes { get; }

    public bool IsKeyOnly { get; }

    public static Trace Read(string path)
    {
        using var file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var lines = new StreamReader(plain, bufferSize: 1 << 16);
        var ids = new List<int>();
        var sizes = new List<int>();
        var isKeyOnly = true;
        while (lines.ReadLine() is { } line)
        {
            var first = line.IndexOf(',');
            var second = line.IndexOf(',', first + 1);
            if (first < 0 || second < 0)
                throw new InvalidDataException($"{path}: '{line}' is not time,id,size");
            var id = int.Parse(line.AsSpan(first + 1, second - first - 1));
            var size = int.Parse(line.AsSpan(second + 1));
            while (sizes.Count <= id)
                sizes.Add(0);
            sizes[id] = size;
            isKeyOnly &= size == 1;
            ids.Add(id);
        }
        var all = sizes.ToArray();
        if (isKeyOnly)
            Array.Fill(all, SizeOfKeyOnly);
        return new(Path.GetFileName(path).Split('.')[0], [.. ids], all, isKeyOnly);
    }
}
