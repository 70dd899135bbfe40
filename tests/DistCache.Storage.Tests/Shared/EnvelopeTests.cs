using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Shared;
using DistCache.Storage.Tests.Shared.Kit;

namespace DistCache.Storage.Tests.Shared;

public sealed class EnvelopeTests
{
    private static readonly Stamp Stamp = new(0xfeedface12345678, 42, 0x1122334455667788);
    private readonly ChunkPool _pool = new(1 << 20);

    [Fact]
    public void It_comes_back_as_it_went()
    {
        var variant = new VariantKey(["accept-encoding", "x"], ["gzip", null]);
        var stored = Copies.Response(_pool, "k", Copies.Bytes(700), 0, variant: variant);
        var bytes = Copies.Envelope(stored, Stamp);
        Assert.Equal(EnvelopeFault.None, EnvelopeReader.TryRead(bytes, stored.Key.Bytes, out var read, out var body));
        Assert.Equal(Stamp, read!.Stamp);
        Assert.True(read.Variant.Equals(variant));
        Assert.Equal((stored.Identity.Url, stored.Identity.SchemeLength, stored.Identity.HostLength), (read.Identity.Url, read.Identity.SchemeLength, read.Identity.HostLength));
        Assert.Equal(stored.Identity.Tags, read.Identity.Tags);
        Assert.Equal(stored.Fields, read.Fields);
        Assert.Equal(stored.Reuse with { InitialAge = TimeSpan.FromSeconds(5) }, read.Reuse); // 3 when received, and two since
        Assert.Equal((200, null, "1.1", stored.Date, stored.LastModified), (read.Status, read.ReasonPhrase, read.ViaVersion, read.Date, read.LastModified));
        Assert.Equal(Copies.Bytes(700), bytes[body]);
    }

    [Fact]
    public void More_tags_than_are_kept_stay_a_purge_of_any()
    {
        var stored = Copies.Response(_pool, "k", [], 0);
        var bytes = EnvelopeWriter.Write(
            Envelope.Of(stored, Stamp, "2", TimeSpan.Zero, TimeSpan.FromMinutes(1), BodyPlace.Inline(0)) with { Identity = stored.Identity with { Tags = null } }, stored.Body);
        Assert.Equal(EnvelopeFault.None, EnvelopeReader.TryRead(bytes, stored.Key.Bytes, out var read, out _));
        Assert.Null(read!.Identity.Tags);
    }

    [Fact] // A20
    public async Task No_flipped_bit_and_no_cut_of_an_entry_is_ever_served_and_each_is_counted()
    {
        await using var tier = TierFixture.New(new() { ChunkSize = 4096 });
        await tier.WriteAsync("k", Copies.Bytes(600));
        var name = Assert.Single(tier.Store.Heads);
        var whole = tier.Store[name];
        Assert.InRange(whole.Length, 900, 1200);
        var broken = 0;
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            await ServesNothing(flipped);
        }
        for (var length = 0; length < whole.Length; length++)
            await ServesNothing(whole[..length]);
        await ServesNothing([.. whole, 0]);
        Assert.Equal(broken, tier.Tier.Counts["find", "rejected"]);
        tier.Store[name] = whole;
        Assert.Equal(Copies.Bytes(600), await tier.ReadAsync(await tier.FindAsync("k")));

        async Task ServesNothing(byte[] bytes)
        {
            broken++;
            tier.Store[name] = bytes;
            Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("k"));
        }
    }

    [Fact]
    public async Task Bytes_of_one_key_under_another_are_a_miss()
    {
        await using var tier = TierFixture.New();
        await tier.WriteAsync("a", "a"u8.ToArray());
        var a = tier.Store[tier.Store.Heads.Single()];
        await tier.WriteAsync("b", "b"u8.ToArray());
        tier.Store[tier.Store.Heads.Single(name => tier.Store[name] != a)] = a;
        Assert.IsType<SharedAnswer.Missing>(await tier.FindAsync("b"));
        Assert.Equal(1, tier.Tier.Counts["rejected", "wrong-key"]);
    }

    [Fact]
    public void Whatever_the_bytes_are_reading_them_never_throws()
    {
        var stored = Copies.Response(_pool, "k", Copies.Bytes(100), 0);
        var whole = Copies.Envelope(stored, Stamp);
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            // Sealed again, so that the lengths inside are what is tried.
            var bytes = (byte[])whole.Clone();
            for (var n = random.Next(1, 6); n > 0; n--)
                bytes[random.Next(EnvelopeWriter.HeadLength, bytes.Length - 8)] = (byte)random.Next(256);
            EnvelopeWriter.Seal(bytes);
            EnvelopeReader.TryRead(bytes, stored.Key.Bytes, out _, out _);
        }
    }
}
