using System.Net;
using DistCache.Geo.Databases;
using DistCache.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Geo.Tests.Databases;

public sealed class GeoDatabaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 25, 0, 0, 0, TimeSpan.Zero));
    private readonly List<DatabaseState> _told = [];

    private string Path => System.IO.Path.Combine(_folder.Path, "places.mmdb");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void MaxMinds_city_schema_gives_country_continent_membership_subdivision_city_and_coordinates()
    {
        new MmdbWriter("GeoIP2-City").Place("127.0.1.0/24", "DE", "EU", (48.1, 11.6), "Munich", "BY", isInEuropeanUnion: true).Replace(Path);
        using var database = Open();
        Assert.Equal(
            new() { Country = "DE", Continent = "EU", IsInEuropeanUnion = true, Subdivision = "BY", City = "Munich", Point = new(48.1, 11.6) },
            database.Find(IPAddress.Parse("127.0.1.9")));
        Assert.Equal(GeoLocation.Unknown, database.Find(IPAddress.Parse("127.0.2.9")));
        Assert.Equal(("GeoIP2-City", true, 1L), (database.State.Type, database.State.IsGood, database.State.Taken));
    }

    [Theory]
    [InlineData(24)]
    [InlineData(28)]
    [InlineData(32)]
    public void Record_sizes_of_24_28_and_32_bits_are_read_the_same(int recordSize)
    {
        new MmdbWriter("GeoLite2-Country", recordSize).Place("127.0.0.0/8", "US", "NA").Place("127.0.2.0/24", "IN", "AS").Place("2001:db8::/32", "BR", "SA").Replace(Path);
        using var database = Open();
        Assert.Equal("US", database.Find(IPAddress.Parse("127.9.9.9")).Country);
        Assert.Equal("IN", database.Find(IPAddress.Parse("127.0.2.1")).Country);
        Assert.Equal("BR", database.Find(IPAddress.Parse("2001:db8::1")).Country);
    }

    [Fact]
    public void The_flat_schema_of_the_free_country_database_is_read()
    {
        new MmdbWriter("country ipvAll").CountryCode("127.0.1.0/24", "FR").Replace(Path);
        using var database = Open();
        Assert.Equal("FR", database.Find(IPAddress.Parse("127.0.1.1")).Country);
    }

    [Fact]
    public void A_country_that_is_no_two_capital_letters_is_none()
    {
        new MmdbWriter("country ipvAll").CountryCode("127.0.1.0/24", "F\r").CountryCode("127.0.2.0/24", "FRA").Replace(Path);
        using var database = Open();
        Assert.Null(database.Find(IPAddress.Parse("127.0.1.1")).Country);
        Assert.Null(database.Find(IPAddress.Parse("127.0.2.1")).Country);
    }

    [Fact]
    public void Autonomous_systems_are_added_to_a_place()
    {
        new MmdbWriter("GeoLite2-ASN").System("127.0.1.0/24", 64500, "Example Net").Replace(Path);
        using var database = Open();
        var found = database.Find(IPAddress.Parse("127.0.1.1"), new() { Country = "DE" });
        Assert.Equal(("DE", 64500u, "Example Net"), (found.Country, found.Asn, found.AsOrganization));
    }

    [Fact]
    public void An_IPv4_only_database_knows_nothing_of_IPv6_and_does_not_throw()
    {
        new MmdbWriter("GeoLite2-Country", ipVersion: 4).Place("127.0.0.0/8", "US").Replace(Path);
        using var database = Open();
        Assert.Equal("US", database.Find(IPAddress.Parse("127.0.0.1")).Country);
        Assert.Null(database.Find(IPAddress.Parse("2001:db8::1")).Country);
    }

    [Fact]
    public void A_missing_file_is_told_and_taken_once_it_is_there()
    {
        using var database = Open();
        Assert.Contains("is missing", database.State.Problem);
        Assert.Equal(GeoLocation.Unknown, database.Find(IPAddress.Loopback));
        Write("US");
        Tick(2);
        Assert.True(database.State.IsGood);
        Assert.Equal("US", database.Find(IPAddress.Loopback).Country);
    }

    [Fact]
    public void New_content_counts_once_two_looks_in_a_row_agree()
    {
        Write("US");
        using var database = Open();
        Write("DE");
        Tick(1);
        Assert.Equal("US", database.Find(IPAddress.Loopback).Country);
        Tick(1);
        Assert.Equal("DE", database.Find(IPAddress.Loopback).Country);
        Assert.Equal(2, database.State.Taken);
    }

    [Fact]
    public void A_broken_file_leaves_the_last_good_one_in_force_says_why_once_and_a_good_one_ends_it()
    {
        Write("US");
        using var database = Open();
        File.WriteAllBytes(Path, File.ReadAllBytes(Path)[..^40]);
        Tick(6);
        Assert.Equal("US", database.Find(IPAddress.Loopback).Country);
        Assert.Contains("truncated", database.State.Problem);
        Assert.Equal(1, database.State.Refused);
        File.Delete(Path);
        Tick(3);
        Assert.Contains("is missing", database.State.Problem);
        Assert.Equal("US", database.Find(IPAddress.Loopback).Country);
        Write("FR");
        Tick(3);
        Assert.True(database.State.IsGood);
        Assert.Equal("FR", database.Find(IPAddress.Loopback).Country);
        Assert.Equal(["truncated", "missing", "good"], _told.Select(state => state.Problem is null ? "good" : state.Problem.Contains("missing") ? "missing" : "truncated").Skip(1));
    }

    [Fact]
    public void A_file_that_is_overwritten_and_cut_in_place_changes_nothing_under_look_ups()
    {
        Write("US");
        using var database = Open();
        using (var file = new FileStream(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(0);
        // Were the operator's file mapped, this would end the process.
        for (var i = 0; i < 1000; i++)
            Assert.Equal("US", database.Find(new IPAddress([127, 0, (byte)(i >> 8), (byte)i])).Country);
    }

    [Fact]
    public async Task No_private_copy_is_left()
    {
        Write("US");
        var before = Copies();
        using (var database = Open())
        {
            File.WriteAllBytes(Path, [1, 2, 3]);
            Tick(3);
            Write("DE");
            Tick(3);
        }
        // Those of tests beside this one are there for a moment, and then gone too.
        var left = Copies().Except(before).ToArray();
        await Eventually.TrueAsync(() => !left.Any(File.Exists));
    }

    [Fact]
    public async Task A_swap_fails_no_look_up()
    {
        Write("US");
        using var database = Open();
        var isOver = false;
        var failures = 0;
        var lookUps = 0L;
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                if (database.Find(IPAddress.Loopback).Country is not ("US" or "DE"))
                    Interlocked.Increment(ref failures);
                Interlocked.Increment(ref lookUps);
            }
        }, TestContext.Current.CancellationToken)).ToArray();
        for (var i = 0; i < 50; i++)
        {
            Write(i % 2 == 0 ? "DE" : "US", builtAt: i);
            Tick(2);
        }
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(readers);
        Assert.Equal((0, 0L), (failures, database.Failures));
        Assert.InRange(lookUps, 1, long.MaxValue);
        Assert.Equal(51, database.State.Taken);
    }

    private static string[] Copies() => Directory.GetFiles(System.IO.Path.GetTempPath(), "distcache-geo-*.mmdb");

    private GeoDatabase Open()
    {
        var database = new GeoDatabase(Path, _time, _told.Add);
        database.Follow();
        return database;
    }

    private void Tick(int looks)
    {
        for (var i = 0; i < looks; i++)
            _time.Advance(GeoDatabase.Interval);
    }

    private void Write(string country, int builtAt = 0)
    {
        var before = FileStamp.Of(Path);
        do
            new MmdbWriter("GeoLite2-Country") { BuiltAt = DateTimeOffset.UnixEpoch.AddDays(builtAt) }.Place("127.0.0.0/8", country).Replace(Path);
        while (FileStamp.Of(Path) == before); // the clock of the file system moves in steps
    }
}
