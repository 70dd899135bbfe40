using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace DistCache.Storage.Shared;

/// <summary>What was asked of the shared tier and what came of it; words of few values, for metrics.</summary>
public sealed class SharedCounts
{
    private readonly ConcurrentDictionary<(string Operation, string Result), StrongBox<long>> _counts = new();

    /// <summary>Told of each operation and the time it took; null: nobody wants times.</summary>
    public Action<string, TimeSpan>? Timed { get; set; }

    public IEnumerable<(string Operation, string Result, long Count)> All =>
        _counts.Select(pair => (pair.Key.Operation, pair.Key.Result, Volatile.Read(ref pair.Value.Value)));

    public long this[string operation, string result] =>
        _counts.TryGetValue((operation, result), out var count) ? Volatile.Read(ref count.Value) : 0;

    internal void Add(string operation, string result) => Interlocked.Increment(ref _counts.GetOrAdd((operation, result), static _ => new()).Value);
}
