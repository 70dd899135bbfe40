using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace DistCache.Proxy.Telemetry;

/// <summary>Counts by one or two labels of few values. Kept whether or not anybody listens; not for the path of hits.</summary>
internal sealed class Tally(string first, string? second = null)
{
    private readonly ConcurrentDictionary<(string, string), StrongBox<long>> _counts = new();

    public void Add(string one, string two = "", long by = 1) => Interlocked.Add(ref _counts.GetOrAdd((one, two), static _ => new()).Value, by);

    public IEnumerable<Measurement<long>> Read()
    {
        foreach (var ((one, two), count) in _counts)
            yield return new(Volatile.Read(ref count.Value), second is null ? [new(first, one)] : [new(first, one), new(second, two)]);
    }
}
