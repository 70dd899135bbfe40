using System.Net;
using DistCache.Geo.Databases;
using DistCache.TestKit;

namespace DistCache.Geo.Tests.Databases;

/// <summary>Whatever bytes stand in the file: it is taken or refused with words, and look-ups answer. A process that ends would end this test.</summary>
public sealed class DamageTests : IDisposable
{
    private static readonly IPAddress[] Asked = [.. new[] { "127.0.0.1", "127.0.1.1", "127.0.2.7", "10.1.1.1", "2001:db8::1", "::1", "255.255.255.255" }.Select(IPAddress.Parse)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_cut_at_any_byte_is_refused()
    {
        var whole = Whole();
        Assert.Null(MmdbCheck.Problem(whole));
        for (var length = 0; length < whole.Length; length++)
            Assert.NotNull(MmdbCheck.Problem(whole.AsSpan(0, length)));
    }

    [Fact]
    public void A_cut_file_is_refused_with_words_by_the_database_too()
    {
        var whole = Whole();
        for (var length = 0; length < whole.Length; length += LongForm.Asked ? 1 : 61)
        {
            using var database = Open(whole[..length]);
            Assert.StartsWith($"'{database.Path}' ", database.State.Problem);
            Assert.EndsWith(".", database.State.Problem);
        }
    }

    [Fact]
    public void No_flipped_bit_makes_a_look_up_throw()
    {
        var whole = Whole();
        var (taken, refused) = (0, 0);
        for (var bit = 0; bit < whole.Length * 8; bit += LongForm.Asked ? 1 : 37)
        {
            var flipped = whole.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Look(flipped))
                taken++;
            else
                refused++;
        }
        // Letters of a name may be any; a tree, a type or a size may not.
        Assert.InRange(taken, 1, int.MaxValue);
        Assert.InRange(refused, 1, int.MaxValue);
    }

    [Fact]
    public void No_random_damage_makes_a_look_up_throw()
    {
        var whole = Whole();
        var random = new Random(7);
        for (var i = 0; i < (LongForm.Asked ? 20_000 : 400); i++)
        {
            var damaged = whole.ToArray();
            for (var hits = random.Next(1, 20); hits > 0; hits--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Look(damaged);
        }
    }

    [Theory]
    [InlineData("a pointer to itself", new byte[] { 0x20, 0x00 }, "pointer")]
    [InlineData("maps within maps for ever", new byte[] { 0xe1, 0x41, (byte)'a', 0x20, 0x00 }, "nested")]
    [InlineData("a double of seven bytes", new byte[] { 0x67, 1, 2, 3, 4, 5, 6, 7 }, "wrong size")]
    [InlineData("a map that goes on behind the end", new byte[] { 0xe4, 0x41, (byte)'a' }, "leaves the file")]
    [InlineData("a text of a million bytes", new byte[] { 0x5f, 0x0f, 0xff, 0xff }, "leaves the file")]
    public void Values_that_would_lead_a_reader_astray_are_found(string _, byte[] value, string problem)
    {
        var file = new MmdbWriter("GeoLite2-Country", ipVersion: 4).Place("0.0.0.0/1", "US").ToBytes();
        var tree = 6; // one node of two records of 24 bits
        var marker = file.AsSpan().LastIndexOf("MaxMind.com"u8) - 3;
        byte[] bent = [.. file[..(tree + 16)], .. value, .. file[marker..]];
        Assert.Contains(problem, MmdbCheck.Problem(bent));
    }

    [Fact]
    public void Values_that_unfold_without_end_are_found()
    {
        // Each map holds the one before twelve times: a few hundred bytes, 12^12 values.
        List<byte> data = [0x41, (byte)'a'];
        var last = 0;
        for (var i = 0; i < 12; i++)
        {
            var at = data.Count;
            data.Add(0xec);
            for (var member = 0; member < 12; member++)
                data.AddRange([0x41, (byte)('a' + member), (byte)(0x20 | (last >> 8)), (byte)last]);
            last = at;
        }
        var file = new MmdbWriter("GeoLite2-Country", ipVersion: 4).Place("0.0.0.0/1", "US").ToBytes();
        var marker = file.AsSpan().LastIndexOf("MaxMind.com"u8) - 3;
        byte[] bomb = [.. file[..22], .. data, .. file[marker..]];
        var record = 1 + 16 + last;
        (bomb[0], bomb[1], bomb[2]) = ((byte)(record >> 16), (byte)(record >> 8), (byte)record);
        Assert.Contains("too many members", MmdbCheck.Problem(bomb));
    }

    /// <returns>Whether it was taken.</returns>
    private bool Look(byte[] content)
    {
        using var database = Open(content);
        foreach (var address in Asked)
            database.Find(address);
        Assert.Equal(database.State.Problem is null, database.State.Type is not null);
        return database.State.IsGood;
    }

    private GeoDatabase Open(byte[] content)
    {
        var path = Path.Combine(_folder.Path, "damaged.mmdb");
        File.WriteAllBytes(path, content);
        return new(path, TimeProvider.System);
    }

    private static byte[] Whole() => new MmdbWriter("GeoIP2-City")
        .Place("127.0.0.0/8", "US", "NA", (37.5, -122.3), "San Francisco", "CA")
        .Place("127.0.1.0/24", "DE", "EU", (48.1, 11.6), "Munich", "BY", isInEuropeanUnion: true)
        .Place("127.0.2.0/24", "IN", "AS", (19.1, 72.9), "Mumbai", "MH")
        .Place("2001:db8::/32", "BR", "SA").ToBytes();
}
