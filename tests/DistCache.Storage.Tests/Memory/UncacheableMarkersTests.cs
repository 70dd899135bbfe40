using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Storage.Tests.Memory;

public sealed class UncacheableMarkersTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_mark_lasts_its_lifetime_and_not_longer()
    {
        var markers = new UncacheableMarkers(_time);
        markers.Mark(Key("/a"), "no-store");
        _time.Advance(UncacheableMarkers.Lifetime - TimeSpan.FromTicks(1));
        Assert.True(markers.IsMarked(Key("/a")));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(markers.IsMarked(Key("/a")));
    }

    [Fact]
    public void The_oldest_marks_leave_beyond_the_bound()
    {
        var markers = new UncacheableMarkers(_time, most: 3);
        foreach (var key in (string[])["/a", "/b", "/c", "/d"])
            markers.Mark(Key(key), "no-store");
        Assert.False(markers.IsMarked(Key("/a")));
        Assert.True(markers.IsMarked(Key("/d")));
    }

    private static CacheKey Key(string text) => new(System.Text.Encoding.ASCII.GetBytes(text));
}
