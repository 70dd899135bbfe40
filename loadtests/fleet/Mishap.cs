using DistCache.TestKit;

namespace DistCache.LoadTests.Fleet;

/// <summary>Something that goes wrong for a while. Planned; <see cref="RunAsync"/> tells when it really began and was over.</summary>
internal sealed record Mishap(string Name, TimeSpan From, TimeSpan Until, Func<Task> BreakAsync, Func<Task> MendAsync)
{
    /// <summary>A node is killed and comes back; then a whole region hears of nobody but its clients and the origin, and is healed.</summary>
    public static IReadOnlyList<Mishap> Of(EdgeFleet fleet, TimeSpan during)
    {
        var killed = fleet["ap-south-2"];
        var cut = fleet.Nodes.Where(node => node.Region == "us-east").ToArray();
        return
        [
            new("ap-south-2 killed", during * 0.15, during * 0.3, killed.Edge.KillAsync, killed.Edge.RestartAsync),
            new("us-east cut off", during * 0.5, during * 0.7, () => EachAsync(cut, node => node.Isolate()), () => EachAsync(cut, node => node.Mend())),
        ];
    }

    public static async Task<IReadOnlyList<Mishap>> RunAsync(IEnumerable<Mishap> mishaps, TimeProvider time)
    {
        var start = time.GetTimestamp();
        var done = new List<Mishap>();
        foreach (var mishap in mishaps)
        {
            await WaitUntilAsync(mishap.From);
            var from = Told(mishap.Name);
            await mishap.BreakAsync();
            await WaitUntilAsync(mishap.Until);
            await mishap.MendAsync();
            done.Add(mishap with { From = from, Until = Told("mended") });
        }
        return done;

        TimeSpan Told(string what)
        {
            var now = time.GetElapsedTime(start);
            Console.Error.WriteLine($"  {now.TotalSeconds,5:F1} s: {what}");
            return now;
        }

        Task WaitUntilAsync(TimeSpan at) => at - time.GetElapsedTime(start) is var left && left > TimeSpan.Zero ? Task.Delay(left, time) : Task.CompletedTask;
    }

    private static Task EachAsync(FleetNode[] nodes, Action<FleetNode> action)
    {
        Array.ForEach(nodes, action);
        return Task.CompletedTask;
    }
}
