namespace DistCache.Storage.Shared;

/// <summary>
/// Where envelopes lie: Redis, Valkey, Garnet. Methods may throw whatever the store throws and may take as long as it takes: <see cref="SharedTier"/>
/// gives each its time and catches. Bytes handed in are never changed afterwards, bytes handed out belong to the caller.
/// </summary>
public interface ISharedStore
{
    /// <summary>One round trip: follows a <see cref="VaryRecord"/> to the variant, and where there is nothing takes the lease.</summary>
    Task<StoreFind> FindAsync(StoreQuery query);

    /// <summary>Writes a head, and with it the names of Vary, unless what stands there is as of a later place in the log.</summary>
    Task<StoreSet> SetAsync(StoreWrite write);

    /// <summary>Removes a head whose chunks are gone, if it is still that one.</summary>
    Task ForgetAsync(SharedPlace place, UInt128 generation);

    Task PingAsync();
}

/// <summary>The store has answered, and refuses: it is full, or between two primaries. It is not gone.</summary>
/// <param name="why">Without names of keys.</param>
public sealed class StoreRefusal(string why) : Exception(why);

/// <summary>Where chunks of long bodies lie. As <see cref="ISharedStore"/> in all else.</summary>
public interface IChunkStore
{
    /// <summary>Null: it is not there. The caller disposes of it.</summary>
    Task<System.Buffers.IMemoryOwner<byte>?> ReadAsync(UInt128 generation, int index);

    Task WriteAsync(UInt128 generation, int index, ReadOnlyMemory<byte> chunk, TimeSpan keep);

    /// <summary>From now on kept for so long. False: one of them is gone.</summary>
    Task<bool> KeepAsync(BodyPlace place, TimeSpan keep);
}

/// <summary>Leases on what is being fetched. As <see cref="ISharedStore"/> in all else.</summary>
public interface ILeaseStore
{
    /// <summary>Null: it is ours. Otherwise what its holder has written; or nothing, when the head there is no longer the one that was seen.</summary>
    /// <param name="seen">Checksum of that head, its last bytes.</param>
    Task<string?> TakeAsync(SharedPlace place, ReadOnlyMemory<byte> seen, string value, TimeSpan time);

    /// <summary>False: it is no longer ours.</summary>
    Task<bool> RenewAsync(SharedPlace place, string value, TimeSpan time);

    /// <summary>Removes it, or leaves <paramref name="mark"/> in its place for a while; only while it is ours.</summary>
    Task ReleaseAsync(SharedPlace place, string value, string? mark, TimeSpan markFor);
}
