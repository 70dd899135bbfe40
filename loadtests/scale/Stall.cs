using System.Diagnostics;

namespace DistCache.LoadTests.Scale;

/// <summary>The longest hit and the longest store of one thread that does nothing else, in milliseconds; on a busy machine the system's own stalls are in them.</summary>
internal sealed record Stall(double Hit, double Store)
{
    private const int HitsOfStore = 16;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(2);

    /// <summary>With nothing beside it; then while the capacity goes to half of what is stored, and back.</summary>
    public static (Stall Before, Stall Reload) Measure(Filling filling)
    {
        var began = Stopwatch.GetTimestamp();
        var next = filling.Count;
        var before = Of(filling, ref next, () => Stopwatch.GetElapsedTime(began) >= Before);
        var reload = Task.Run(() => ReloadAsync(filling));
        var beside = Of(filling, ref next, () => reload.IsCompleted);
        reload.GetAwaiter().GetResult();
        return (before, beside);
    }

    private static async Task ReloadAsync(Filling filling)
    {
        var stored = filling.Tier.Pool.Used;
        await filling.Tier.ResizeAsync(stored / 2);
        await filling.Tier.ResizeAsync(stored);
    }

    private static Stall Of(Filling filling, ref int next, Func<bool> isOver)
    {
        var random = new Random(1);
        var into = new byte[2048];
        var (hit, store) = (0L, 0L);
        while (!isOver())
        {
            var response = filling.Make(next++);
            var start = Stopwatch.GetTimestamp();
            filling.Tier.Store(response);
            store = Math.Max(store, Stopwatch.GetTimestamp() - start);
            for (var i = 0; i < HitsOfStore; i++)
            {
                var number = random.Next(filling.Count);
                start = Stopwatch.GetTimestamp();
                filling.Hit(number, into);
                hit = Math.Max(hit, Stopwatch.GetTimestamp() - start);
            }
        }
        return new(Milliseconds(hit), Milliseconds(store));
    }

    private static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
