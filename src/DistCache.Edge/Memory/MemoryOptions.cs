using DistCache.Edge.Configuration;
using DistCache.Proxy.Configuration;

namespace DistCache.Edge.Memory;

/// <summary>
/// <c>DistCache:Memory:{Capacity, MaxObjectSize}</c>, in bytes. Capacity counts keys, fields, bodies and overhead; at least 1 MiB,
/// default a quarter of what the process may use. A larger object than MaxObjectSize (default 64 MiB, at most Capacity) is passed
/// on and not stored. A reload may change both.
/// </summary>
internal sealed record MemoryOptions(long Capacity, long MaxObjectSize)
{
    public const string CapacityKey = "DistCache:Memory:Capacity";
    public const string MaxObjectSizeKey = "DistCache:Memory:MaxObjectSize";
    private const long MinCapacity = 1L << 20;
    private const long DefaultMaxObjectSize = 64L << 20;

    /// <param name="available">What the process may use, in bytes, a container's limit honoured (<see cref="GCMemoryInfo.TotalAvailableMemoryBytes"/>).</param>
    public static MemoryOptions Read(Settings settings, long available)
    {
        settings.OnlyKnown("DistCache:Memory", "Capacity", "MaxObjectSize");
        var capacity = Size(settings, CapacityKey) ?? Math.Max(MinCapacity, available / 4);
        if (capacity < MinCapacity)
            settings.Complain(CapacityKey, $"{ByteSize.Format(capacity)} is too little to work with", "Use 1MiB or more");
        if (capacity > available)
            settings.Complain(CapacityKey, $"{ByteSize.Format(capacity)} is more than the {ByteSize.Format(available)} that this process may use",
                "Choose less, leaving room for connections and fills in flight, or give the machine or container more memory");

        var maxObjectSize = Size(settings, MaxObjectSizeKey);
        if (maxObjectSize > capacity)
            settings.Complain(MaxObjectSizeKey, $"{ByteSize.Format(maxObjectSize.Value)} is more than the capacity of {ByteSize.Format(capacity)}", $"Use at most {CapacityKey}");
        if (maxObjectSize == 0)
            settings.Complain(MaxObjectSizeKey, "0 would store nothing", "Use a size above 0, or leave it out for 64MiB");
        return new(capacity, maxObjectSize ?? Math.Min(DefaultMaxObjectSize, capacity));
    }

    private static long? Size(Settings settings, string key)
    {
        if (settings[key] is not { } text)
            return null;
        if (ByteSize.TryParse(text, out var bytes))
            return bytes;
        settings.Complain(key, $"'{text}' is not a size", ByteSize.Remedy);
        return null;
    }
}
