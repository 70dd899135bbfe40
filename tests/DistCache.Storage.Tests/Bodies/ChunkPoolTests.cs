using DistCache.Storage.Bodies;

namespace DistCache.Storage.Tests.Bodies;

public sealed class ChunkPoolTests
{
    [Fact]
    public void Chunks_in_use_never_overlap_whatever_is_taken_and_given_back()
    {
        var pool = new ChunkPool(1L << 30);
        var random = new Random(11);
        var held = new List<(Chunk Chunk, byte Mark)>();
        for (var i = 0; i < 50_000; i++)
        {
            if (held.Count > 0 && random.Next(2) == 0)
            {
                var place = random.Next(held.Count);
                var (chunk, mark) = held[place];
                Assert.False(chunk.Span.ContainsAnyExcept(mark), "another chunk wrote here");
                pool.Return(chunk);
                held.RemoveAt(place);
                continue;
            }
            var taken = pool.Rent(ChunkPool.CapacityFor((int)Math.Exp(random.NextDouble() * Math.Log(ChunkPool.Largest))));
            var own = (byte)random.Next(256);
            taken.Span.Fill(own);
            held.Add((taken, own));
        }
        Assert.Equal(held.Sum(entry => (long)entry.Chunk.Capacity), pool.Used);
        foreach (var (chunk, _) in held)
            pool.Return(chunk);
        Assert.Equal(0, pool.Used);
        Assert.True(pool.HasRoomFor(pool.Capacity));
    }

    [Fact]
    public void What_lies_in_one_piece_wastes_a_ninth_at_most_and_from_4_to_8_KiB_a_fifth()
    {
        for (var bytes = ChunkPool.Smallest; bytes <= 8192; bytes++)
        {
            var size = ChunkPool.CapacityFor(bytes);
            Assert.InRange(size - bytes, 0, size / (bytes <= 4096 ? 9 : 5));
            Assert.Equal(size, ChunkPool.CapacityFor(size));
            Assert.Equal(0, size % sizeof(long)); // records begin where a long may
        }
    }

    [Fact]
    public void Of_a_smaller_size_more_fit_in_a_page() // else it would save nothing but in the account
    {
        var sizes = Enumerable.Range(1, 8192).Select(ChunkPool.CapacityFor).Distinct().ToArray();
        Assert.Equal(sizes.Length, sizes.DistinctBy(size => ChunkPool.Largest / size).Count());
    }

    [Fact]
    public void Small_chunks_left_in_many_pages_count_as_the_memory_that_they_keep()
    {
        var pool = new ChunkPool(64 << 20);
        var chunks = Enumerable.Range(0, (64 << 20) / ChunkPool.Smallest).Select(_ => pool.Rent(ChunkPool.Smallest)).ToArray();
        foreach (var (chunk, place) in chunks.Select((chunk, place) => (chunk, place)))
            if (place % 128 != 0)
                pool.Return(chunk);
        Assert.InRange(pool.Used, 1, 1 << 20);
        Assert.False(pool.HasRoomFor(32 << 20));
    }

    [Fact]
    public void Pages_that_are_empty_again_serve_any_size()
    {
        var pool = new ChunkPool(4 << 20);
        for (var round = 0; round < 20; round++)
            for (var size = ChunkPool.Smallest; size <= ChunkPool.Largest; size *= 2)
            {
                var chunks = Enumerable.Range(0, (4 << 20) / size).Select(_ => pool.Rent(size)).ToArray();
                Assert.False(pool.HasRoomFor(size));
                foreach (var chunk in chunks)
                    pool.Return(chunk);
                Assert.True(pool.HasRoomFor(4 << 20));
            }
    }
}
