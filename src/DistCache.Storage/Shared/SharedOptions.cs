namespace DistCache.Storage.Shared;

/// <summary>How the shared tier is used.</summary>
public sealed record SharedOptions
{
    /// <summary>How long a request may wait for one answer of the shared tier. Default 50 ms.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Bytes of a body that stand beside its head; longer ones are split into chunks of that size. Default 64 KiB.</summary>
    public int ChunkSize { get; init; } = 64 * 1024;

    /// <summary>Bytes of bodies that may wait to be written. Default 64 MiB.</summary>
    public long MostPending { get; init; } = 64 << 20;

    /// <summary>How long a regional lease lasts without being renewed: a holder that dies costs its region that long. Default 2 s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long others wait for the holder of a lease before they ask the origin themselves; more than a lease. Default 5 s.</summary>
    public TimeSpan LeasePatience { get; init; } = TimeSpan.FromSeconds(5);
}
