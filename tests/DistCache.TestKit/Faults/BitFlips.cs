namespace DistCache.TestKit;

/// <summary>Turned bits at places that depend on the seed and the place in the stream, not on how the stream was cut into pieces.</summary>
internal sealed class BitFlips(Random random)
{
    private int _oneIn;
    private long _left;

    public void Apply(byte[] bytes, int oneIn)
    {
        if (oneIn != _oneIn)
        {
            _oneIn = oneIn;
            _left = oneIn == 0 ? 0 : Next();
        }

        if (oneIn == 0)
            return;
        for (; _left < bytes.Length; _left += Next())
            bytes[_left] ^= (byte)(1 << random.Next(8));
        _left -= bytes.Length;
    }

    /// <summary>Geometric: each byte is as likely as any other.</summary>
    private long Next() => 1 + (long)(Math.Log(1 - random.NextDouble()) / Math.Log(1 - (1.0 / Math.Max(2, _oneIn))));
}
