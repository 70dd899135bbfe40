using System.Text;
using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Tests.Memory;

/// <summary>The way of a hit: no lock, no move, no allocation.</summary>
public sealed class HitTests
{
    private readonly HeldTime _time = new();
    private readonly MemoryTier _tier;
    private readonly byte[] _key = Encoding.ASCII.GetBytes("/wanted");

    public HitTests()
    {
        _tier = new(1 << 20, _time);
        _tier.Store(Stored.Response("/wanted", Body.Of(_tier.Pool, new byte[3000])));
    }

    [Fact]
    public void A_hit_allocates_nothing()
    {
        Assert.Equal(3000, Hit()); // once, for what the runtime prepares
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = 0;
        for (var i = 0; i < 100; i++)
            read += Hit();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(300_000, read);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void A_hit_out_of_the_record_allocates_nothing_however_many_there_are()
    {
        var keys = Enumerable.Range(0, 300).Select(i => Encoding.ASCII.GetBytes("/" + i)).ToArray();
        foreach (var key in keys)
            _tier.Store(Stored.Response(Encoding.ASCII.GetString(key), Body.Of(_tier.Pool, new byte[300])));
        Assert.Equal(300 * 300, keys.Sum(HitRecord)); // once, for what the runtime prepares
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = 0;
        foreach (var key in keys)
            read += HitRecord(key);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal((300 * 300, 0), (read, allocated));
    }

    [Fact]
    public void A_hit_goes_on_while_another_holds_the_tiers_lock()
    {
        _time.IsHeld = true;
        var holder = new Thread(() => _tier.MakeRoom(_tier.Pool.Capacity)); // asks for the time under the lock
        holder.IsBackground = true;
        holder.Start();
        _time.Asked.Wait(TestContext.Current.CancellationToken);
        Assert.Equal(3000, Hit());
        Assert.Equal(3000, Hit());
        Assert.True(holder.IsAlive);
        _time.Release.Set();
        holder.Join();
    }

    [Fact]
    public void Only_the_first_of_many_hits_is_written_down()
    {
        var resident = _tier.Find(_key)!.Responses[0].Resident!;
        Assert.True(resident.Visit());
        for (var i = 0; i < 100; i++)
            Assert.False(resident.Visit());
        Assert.True(resident.TakeVisit());
        Assert.True(resident.Visit());
    }

    private int HitRecord(byte[] key)
    {
        var response = _tier.Acquire(key)!;
        _tier.Hit(response);
        var read = 0;
        for (var at = response.At(0); !at.IsEmpty; at = response.At(read))
            read += at.Length;
        response.Release(_tier.Pool);
        return read;
    }

    private int Hit()
    {
        StoredResponse response = _tier.Find(_key.AsSpan())!.Responses[0];
        if (!response.Body.TryAcquire())
            return 0;
        _tier.Hit(response);
        var read = 0;
        for (var at = response.Body.At(0); !at.IsEmpty; at = response.Body.At(read))
            read += at.Length;
        response.Body.Release();
        return read;
    }

    private sealed class HeldTime : TimeProvider
    {
        public bool IsHeld { get; set; }

        public ManualResetEventSlim Asked { get; } = new();

        public ManualResetEventSlim Release { get; } = new();

        public override long GetTimestamp()
        {
            if (IsHeld)
            {
                Asked.Set();
                Release.Wait();
            }
            return base.GetTimestamp();
        }
    }
}
