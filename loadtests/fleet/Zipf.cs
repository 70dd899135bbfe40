namespace DistCache.LoadTests.Fleet;

/// <summary>Numbers below <c>count</c>, the n-th most wanted one as often as 1 / n^exponent.</summary>
internal sealed class Zipf
{
    private readonly double[] _cumulative;
    private readonly int[] _order;

    /// <param name="seed">Of the order: what is wanted most.</param>
    public Zipf(int count, double exponent, int seed)
    {
        _cumulative = new double[count];
        var sum = 0.0;
        for (var i = 0; i < count; i++)
            _cumulative[i] = sum += Math.Pow(i + 1, -exponent);
        _order = [.. Enumerable.Range(0, count)];
        new Random(seed).Shuffle(_order);
    }

    public int Next(Random random)
    {
        var at = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        return _order[Math.Min(at < 0 ? ~at : at, _order.Length - 1)];
    }
}
