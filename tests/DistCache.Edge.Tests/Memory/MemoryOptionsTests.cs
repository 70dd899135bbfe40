using DistCache.Edge.Memory;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Memory;

public sealed class MemoryOptionsTests : IDisposable
{
    private const long Available = 1L << 30;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, null, Available / 4, 64L << 20)]
    [InlineData("512MiB", null, 512L << 20, 64L << 20)]
    [InlineData("32MiB", null, 32L << 20, 32L << 20)]
    [InlineData("1048576", "1024", 1L << 20, 1024)]
    [InlineData("1GiB", "1GiB", Available, Available)]
    public void Sizes_and_their_defaults(string? capacity, string? maxObjectSize, long expectedCapacity, long expectedMaxObjectSize)
    {
        var configuration = Reading.Of(_folder, (MemoryOptions.CapacityKey, capacity), (MemoryOptions.MaxObjectSizeKey, maxObjectSize));
        Assert.Equal(new MemoryOptions(expectedCapacity, expectedMaxObjectSize), MemoryOptions.Read(configuration.Settings, Available));
        Assert.Empty(configuration.Complaints);
    }

    [Theory]
    [InlineData("1023KiB", null, "DistCache:Memory:Capacity: 1023 KiB is too little to work with. Use 1MiB or more.")]
    [InlineData("2GiB", null, "DistCache:Memory:Capacity: 2 GiB is more than the 1 GiB that this process may use. Choose less, leaving room for connections and fills in flight, or give the machine or container more memory.")]
    [InlineData("4MiB", "5MiB", "DistCache:Memory:MaxObjectSize: 5 MiB is more than the capacity of 4 MiB. Use at most DistCache:Memory:Capacity.")]
    [InlineData("4MiB", "0", "DistCache:Memory:MaxObjectSize: 0 would store nothing. Use a size above 0, or leave it out for 64MiB.")]
    [InlineData("4MiB", "-5", "DistCache:Memory:MaxObjectSize: '-5' is not a size. Write a number of bytes, or one with KiB, MiB, GiB or TiB, as in 512MiB.")]
    public void A_size_that_cannot_work_is_refused(string capacity, string? maxObjectSize, string line)
    {
        var configuration = Reading.Of(_folder, (MemoryOptions.CapacityKey, capacity), (MemoryOptions.MaxObjectSizeKey, maxObjectSize));
        MemoryOptions.Read(configuration.Settings, Available);
        Assert.Equal(line, Assert.Single(configuration.Complaints).ToString());
    }

    [Fact]
    public void A_misspelt_name_is_refused_with_the_right_ones()
    {
        var configuration = Reading.Of(_folder, ("DistCache:Memory:Capacty", "1GiB"));
        MemoryOptions.Read(configuration.Settings, Available);
        Assert.Equal("DistCache:Memory:Capacty: there is no such setting. DistCache:Memory has Capacity, MaxObjectSize.", Assert.Single(configuration.Complaints).ToString());
    }
}
