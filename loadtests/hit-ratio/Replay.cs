using System.Diagnostics;

namespace DistCache.LoadTests.HitRatio;

/// <summary>One trace through every candidate at each share of its footprint.</summary>
internal sealed class Replay(Trace trace, IReadOnlyList<double> shares)
{
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromSeconds(1);

    public IEnumerable<Miss> Run()
    {
        var footprint = TierCandidate.FootprintOf(trace.Sizes);
        var plain = trace.Sizes.Sum(size => (long)size);
        Console.Error.WriteLine($"{trace.Name}: {trace.Ids.Length:N0} requests, {trace.Sizes.Count(size => size > 0):N0} objects of {plain:N0} B; {footprint:N0} B in the tier's account");
        foreach (var share in shares)
            foreach (var candidate in Candidates(share, footprint))
            {
                yield return Run(candidate, share);
                (candidate as IDisposable)?.Dispose();
            }
    }

    // The others are given the same share of the plain bytes: their own bookkeeping costs them nothing here.
    private IEnumerable<ICandidate> Candidates(double share, long footprint)
    {
        yield return new TierCandidate(trace.Sizes, (long)(footprint * share));
        var plain = (long)(trace.Sizes.Sum(size => (long)size) * share);
        yield return new QueueCandidate(trace.Sizes, plain, movesOnHit: false);
        yield return new QueueCandidate(trace.Sizes, plain, movesOnHit: true);
        if (!trace.IsKeyOnly)
            yield break;
        var count = (int)(trace.Sizes.Count(size => size > 0) * share);
        yield return new BitFasterCandidate(count, isLfu: false);
        yield return new BitFasterCandidate(count, isLfu: true);
        yield return new MicrosoftCandidate(count);
    }

    private Miss Run(ICandidate candidate, double share)
    {
        long misses = 0, missedBytes = 0, bytes = 0;
        var began = Stopwatch.GetTimestamp();
        var told = began;
        for (var i = 0; i < trace.Ids.Length; i++)
        {
            var id = trace.Ids[i];
            var size = trace.Sizes[id];
            bytes += size;
            if (!candidate.Ask(id))
            {
                misses++;
                missedBytes += size;
            }
            if ((i & 0xFFF) == 0 && Stopwatch.GetElapsedTime(told) > BetweenProgress)
            {
                told = Stopwatch.GetTimestamp();
                Console.Error.WriteLine($"  {trace.Name} {share:P1} {candidate.Name}: {(double)i / trace.Ids.Length:P0}, missed {(double)misses / (i + 1):F4} so far");
            }
        }
        var nanoseconds = Stopwatch.GetElapsedTime(began).TotalNanoseconds / trace.Ids.Length;
        return new(trace.Name, share, candidate.Name, (double)misses / trace.Ids.Length, (double)missedBytes / bytes, nanoseconds);
    }
}
