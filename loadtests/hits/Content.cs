using System.Globalization;

namespace DistCache.LoadTests.Hits;

/// <summary>What the origin and bare Kestrel serve: <c>/obj/{size}/{number}</c>, each byte known.</summary>
internal static class Content
{
    /// <summary>The entity-tag of them all.</summary>
    public const string Tag = "\"1\"";

    private static readonly Dictionary<int, byte[]> Bodies = [];

    public static byte[] Body(int size)
    {
        lock (Bodies)
        {
            if (!Bodies.TryGetValue(size, out var body))
            {
                body = new byte[size];
                new Random(size).NextBytes(body);
                Bodies[size] = body;
            }
            return body;
        }
    }

    public static int SizeOf(string path) => int.Parse(path.Split('/')[2], CultureInfo.InvariantCulture);
}
