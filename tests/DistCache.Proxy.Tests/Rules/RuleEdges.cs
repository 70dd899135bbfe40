using DistCache.Proxy.Tests.Kit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>One edge of each preset for the rows of a test class. Rows share their clocks, which only go forward, and have targets of their own.</summary>
public sealed class RuleEdges : IAsyncLifetime
{
    internal static readonly string[] Presets = ["safe", "rfc9111"];

    private readonly Dictionary<string, EdgeInProcess> _edges = [];
    private int _targets;

    internal EdgeInProcess Of(string preset) => _edges[preset];

    /// <summary>A target that no other row asks for.</summary>
    internal Row Row(string preset)
    {
        // On the full second, since a Date has no fractions.
        var time = _edges[preset].Time;
        time.Advance(TimeSpan.FromTicks((TimeSpan.TicksPerSecond - (time.GetUtcNow().Ticks % TimeSpan.TicksPerSecond)) % TimeSpan.TicksPerSecond));
        return new(_edges[preset], $"/row{Interlocked.Increment(ref _targets)}");
    }

    public async ValueTask InitializeAsync()
    {
        foreach (var preset in Presets)
            _edges[preset] = await EdgeInProcess.StartAsync(preset);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var edge in _edges.Values)
            await edge.DisposeAsync();
    }
}
