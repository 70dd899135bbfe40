namespace DistCache.Scenarios;

/// <summary>Bodies without a pattern, so that a byte out of place is seen.</summary>
internal static class Bodies
{
    public static byte[] Random(int length, int seed = 1)
    {
        var body = new byte[length];
        new Random(seed).NextBytes(body);
        return body;
    }
}
