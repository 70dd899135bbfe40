using System.Diagnostics;

namespace DistCache.LoadTests.Scale;

/// <param name="Nanoseconds">A hit, asked for in random order.</param>
/// <param name="Hot">A hit among the same 10,000, however many there are.</param>
/// <param name="Allocated">Bytes that the hits allocated, all together.</param>
/// <param name="Read">Nanoseconds for the whole path to get a response, asked for in random order: read out of its record, or read lately.</param>
/// <param name="ReadAllocated">Bytes that one such reading allocates.</param>
/// <param name="Managed">Bytes a response, as the garbage collector counts them.</param>
/// <param name="Body">Bytes of a response's body.</param>
/// <param name="Resident">Bytes of resident memory a response.</param>
/// <param name="Counted">Bytes a response by the tier's own account.</param>
/// <param name="LongestStore">Milliseconds, of stores one after the other.</param>
/// <param name="Before">Hits and stores, with nothing beside them.</param>
/// <param name="Reload">The same while the capacity goes to half of what is stored, and back.</param>
internal sealed record Figure(int Count, double Nanoseconds, double Hot, long Allocated, double Read, double ReadAllocated, double Managed, double Body, double Resident, double Counted, double LongestStore, Stall Before, Stall Reload)
{
    private const int Hits = 1_000_000;
    private const int Rounds = 5;
    private const int Hottest = 10_000;

    public static Figure Measure(int count)
    {
        var (managed, resident) = Now();
        var filling = new Filling(count);
        var own = filling.OwnBytes;
        var counted = (double)filling.Tier.Pool.Used / count;
        var (managedFull, residentFull) = Now();
        var into = new byte[2048];
        var order = new int[Hits];
        var random = new Random(1);
        var allocated = 0L;
        var cold = Best(count);
        var hot = Best(Math.Min(count, Hottest));
        var (read, readAllocated) = Read();
        var longest = LongestStoreOf(filling);
        var (before, reload) = Stall.Measure(filling);
        return new(count, cold, hot, allocated, read, readAllocated, (double)(managedFull - managed - own) / count, Filling.Length, (double)(residentFull - resident - own) / count, counted, longest, before, reload);

        (double, double) Read()
        {
            for (var i = 0; i < Hits; i++)
                order[i] = random.Next(count);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            foreach (var number in order)
                filling.Read(number);
            return (Stopwatch.GetElapsedTime(start).TotalNanoseconds / Hits, (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Hits);
        }

        // The best of a few rounds: others use this machine too.
        double Best(int among)
        {
            for (var i = 0; i < Hits; i++)
                order[i] = random.Next(among);
            var best = double.MaxValue;
            for (var round = 0; round < Rounds; round++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var start = Stopwatch.GetTimestamp();
                foreach (var number in order)
                    filling.Hit(number, into);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Hits);
                if (round > 0) // the first one prepares code
                    allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            }
            return best;
        }
    }

    private static double LongestStoreOf(Filling filling)
    {
        var longest = TimeSpan.Zero;
        for (var i = 0; i < 50_000; i++)
        {
            var response = filling.Make(filling.Count + i);
            var start = Stopwatch.GetTimestamp();
            filling.Tier.Store(response);
            var took = Stopwatch.GetElapsedTime(start);
            longest = took > longest ? took : longest;
        }
        return longest.TotalMilliseconds;
    }

    private static (long Managed, long Resident) Now()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var self = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true), self.WorkingSet64);
    }
}
