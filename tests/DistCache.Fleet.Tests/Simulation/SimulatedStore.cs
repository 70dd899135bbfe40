using System.Buffers;
using DistCache.Storage.Shared;
using DistCache.Storage.Tests.Shared.Kit;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>One node's way to the shared tier's store: mostly in time, now and then not, and what is written may come much later.</summary>
internal sealed class SimulatedStore(Schedule schedule, Process process, MemoryStore store) : ISharedStore, IChunkStore, ILeaseStore
{
    /// <summary>Null: as it comes.</summary>
    public long? Delay { get; set; }

    public Task<StoreFind> FindAsync(StoreQuery query) => Call(() => store.FindAsync(query));

    public Task<StoreSet> SetAsync(StoreWrite write) => Call(() => store.SetAsync(write), Delay is null && schedule.Chance(0.05) ? schedule.Between(100_000, 5_000_000) : 0);

    public Task ForgetAsync(SharedPlace place, UInt128 generation) => Call(() => Done(store.ForgetAsync(place, generation)));

    public Task PingAsync() => Call(() => Done(store.PingAsync()));

    public Task<IMemoryOwner<byte>?> ReadAsync(UInt128 generation, int index) => Call(() => ((IChunkStore)store).ReadAsync(generation, index));

    public Task WriteAsync(UInt128 generation, int index, ReadOnlyMemory<byte> chunk, TimeSpan keep) => Call(() => Done(((IChunkStore)store).WriteAsync(generation, index, chunk, keep)));

    public Task<bool> KeepAsync(BodyPlace place, TimeSpan keep) => Call(() => ((IChunkStore)store).KeepAsync(place, keep));

    public Task<string?> TakeAsync(SharedPlace place, ReadOnlyMemory<byte> seen, string value, TimeSpan time) => Call(() => ((ILeaseStore)store).TakeAsync(place, seen, value, time));

    public Task<bool> RenewAsync(SharedPlace place, string value, TimeSpan time) => Call(() => ((ILeaseStore)store).RenewAsync(place, value, time));

    public Task ReleaseAsync(SharedPlace place, string value, string? mark, TimeSpan markFor) => Call(() => Done(((ILeaseStore)store).ReleaseAsync(place, value, mark, markFor)));

    private Task<T> Call<T>(Func<Task<T>> operation, long late = 0)
    {
        var answer = new TaskCompletionSource<T>();
        schedule.In(late + NextDelay(), () =>
        {
            var result = operation().Result;
            schedule.In(NextDelay(), () => process.Arrive(() => answer.TrySetResult(result)));
        });
        return answer.Task;
    }

    private static Task<bool> Done(Task task)
    {
        task.GetAwaiter().GetResult();
        return Task.FromResult(true);
    }

    private long NextDelay() => Delay ?? (schedule.Chance(0.01) ? schedule.Between(10_000, 200_000) : schedule.Between(100, 1_500));
}
