namespace DistCache.TestKit;

/// <summary>
/// Promise P1 in real processes: writers bump and purge, readers read at every edge, things break at random, and afterwards
/// <see cref="FloorChecker"/> looks at all that was seen.
/// </summary>
public static class FloorRun
{
    public static async Task<FloorReport> RunAsync(EdgeFleet fleet, FloorRunOptions options)
    {
        using var enough = new CancellationTokenSource();
        var readers = Readers(fleet, options).ToArray();
        var writers = Enumerable.Range(0, options.Writers).Select(i => new FloorWriter(fleet, options, (options.Seed * 100) + i)).ToArray();
        var nemesis = new Nemesis(fleet, options);
        var counted = 0L;
        using var nobodyBreaks = new CancellationTokenSource();
        var breaking = Task.Run(() => nemesis.RunAsync(nobodyBreaks.Token));
        var running = Task.WhenAll([
            .. readers.Select(reader => Task.Run(() => reader.RunAsync(() => Interlocked.Increment(ref counted), enough.Token))),
            .. writers.Select(writer => Task.Run(() => writer.RunAsync(enough.Token)))]);
        var start = TimeProvider.System.GetTimestamp();
        for (var told = 0; !running.IsCompleted && !breaking.IsFaulted && IsToGoOn(); await Task.Delay(100)) // nothing signals a count
        {
            if (TimeProvider.System.GetElapsedTime(start).TotalSeconds < (told + 1) * 10)
                continue;
            told++;
            options.Progress?.Invoke(Interlocked.Read(ref counted), writers.Sum(writer => writer.Complete), nemesis.Done.Count);
        }

        await nobodyBreaks.CancelAsync();
        await breaking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // everything is mended: who waits for a frozen edge gets an answer
        await enough.CancelAsync();
        await breaking;
        await running;
        var violations = FloorChecker.Check(
            [.. readers.SelectMany(reader => reader.Reads)], [.. writers.SelectMany(writer => writer.Writes)], [.. writers.SelectMany(writer => writer.Purges)]);
        return new FloorReport(
            readers.Sum(reader => (long)reader.Reads.Count), readers.Sum(reader => reader.Hits), readers.Sum(reader => reader.Reads.LongCount(read => !read.IsFresh)),
            readers.Sum(reader => reader.Unanswered), [.. readers.SelectMany(reader => reader.WrongBodies)],
            writers.Sum(writer => writer.Complete), writers.Sum(writer => writer.Pending), violations, nemesis.Done);

        bool IsToGoOn() => TimeProvider.System.GetElapsedTime(start) < options.During || !options.Until.IsCompleted || !nemesis.IsThrough || Interlocked.Read(ref counted) < options.Reads;
    }

    private static IEnumerable<FloorReader> Readers(EdgeFleet fleet, FloorRunOptions options)
    {
        for (var edge = 0; edge < fleet.Nodes.Count; edge++)
            for (var i = 0; i < options.ReadersPerEdge; i++)
                yield return new FloorReader(fleet.Nodes[edge], (short)edge, options.Keys ?? fleet.Origin.Keys, (options.Seed * 1000) + (edge * options.ReadersPerEdge) + i);
    }
}
