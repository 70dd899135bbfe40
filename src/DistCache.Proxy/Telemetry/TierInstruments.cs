using System.Diagnostics.Metrics;
using DistCache.Storage.Memory;

namespace DistCache.Proxy.Telemetry;

/// <summary>The memory tier's metrics: how full it is, who leaves it and who is not let in.</summary>
internal static class TierInstruments
{
    public static void AddTo(Meter meter, MemoryTier memory)
    {
        meter.CreateObservableGauge("distcache.memory", () => memory.Pool.Used, "By", "Bytes that the memory tier holds: keys, fields, bodies, overhead.");
        meter.CreateObservableGauge("distcache.memory.resident", () => memory.ResidentBytes, "By", "Of them, bytes of what is stored; the rest are fills under way and bodies that only readers still hold.");
        meter.CreateObservableGauge("distcache.memory.capacity", () => memory.Pool.Capacity, "By", "Bytes that the memory tier may hold.");
        meter.CreateObservableGauge("distcache.memory.keys", () => memory.Count, "{key}", "Keys with stored responses in the memory tier.");

        var counts = memory.Counts;
        meter.CreateObservableCounter("distcache.evictions", () => new[] { By("room", counts.EvictedForRoom), By("dead", counts.EvictedDead), By("variants", counts.EvictedVariants) },
            "{response}", "Responses that left the memory tier: for others that are asked for more, as they could answer nobody any more, as too many variants of their key.");
        meter.CreateObservableCounter("distcache.admission.rejected", () => new[] { By("newcomer", counts.RefusedNewcomers), By("large", counts.RefusedLarge), By("no_room", counts.RefusedHeld) },
            "{response}", "Responses that the memory tier did not keep: newcomers asked for less than what they would push out, large ones not asked for before, and when readers held the room.");
    }

    private static Measurement<long> By(string reason, long count) => new(count, new KeyValuePair<string, object?>("reason", reason));
}
