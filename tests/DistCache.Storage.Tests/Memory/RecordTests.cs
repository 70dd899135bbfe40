using System.Text;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;
using DistCache.Storage.Shared;

namespace DistCache.Storage.Tests.Memory;

/// <summary>A stored response lies in the tier as a record: what is read out of it is what was stored, and its memory goes when nobody needs it.</summary>
public sealed class RecordTests
{
    private readonly MemoryTier _tier = new(64 << 20);

    [Fact]
    public void Everything_that_a_response_says_comes_back()
    {
        var long1 = new string('x', 70_000);
        _tier.Store(new()
        {
            Key = new CacheKey("/a"u8),
            Variant = new(["accept", "x-none"], ["text/html", null]),
            Status = 404,
            ReasonPhrase = "Not h\u00e9re",
            ViaVersion = "2",
            Fields = new([new("ETag", "W/\"1\""), new("x-odd", "\u00e9\u20ac"), new("X-Odd", ""), new("Content-Type", "text/html"), new("content-type", long1)]),
            Reuse = Facts,
            ETag = new EntityTag("W/\"1\""),
            LastModified = DateTimeOffset.UnixEpoch.AddSeconds(7),
            Date = DateTimeOffset.UnixEpoch.AddSeconds(9),
            ReceivedAt = 11,
            Identity = new("https://h:1/a?\u20ac", 5, 3, ["t", "u"]),
            AsOf = 13,
            Failed = new(17, OriginFailure.Unreachable),
            Body = Body.Of(_tier.Pool, "body"u8),
        });
        var read = _tier.Find("/a"u8)!.Responses[0];
        Assert.Equal("/a"u8, read.Key.Bytes);
        Assert.True(read.Variant.Equals(new(["accept", "x-none"], ["text/html", null])));
        Assert.Equal((404, "Not h\u00e9re", "2"), (read.Status, read.ReasonPhrase, read.ViaVersion));
        Assert.Equal([new("ETag", "W/\"1\""), new("x-odd", "\u00e9\u20ac"), new("X-Odd", ""), new("Content-Type", "text/html"), new("content-type", long1)], read.Fields);
        Assert.Equal(Facts, read.Reuse);
        Assert.Equal((new EntityTag("W/\"1\""), DateTimeOffset.UnixEpoch.AddSeconds(7), DateTimeOffset.UnixEpoch.AddSeconds(9)), (read.ETag!.Value, read.LastModified!.Value, read.Date));
        Assert.Equal((11, 13, new FailedValidation(17, OriginFailure.Unreachable)), (read.ReceivedAt, read.AsOf, read.Failed));
        Assert.Equal(("https://h:1/a?\u20ac", 5, 3), (read.Identity.Url, read.Identity.SchemeLength, read.Identity.HostLength));
        Assert.Equal(["t", "u"], read.Identity.Tags);
        Assert.Equal("body", Text(read));
    }

    [Fact]
    public void What_it_does_not_say_stays_unsaid()
    {
        Store("/a", "x", tags: null, etag: new EntityTag("\"of another field\""));
        var read = _tier.Find("/a"u8)!.Responses[0];
        Assert.Null(read.ReasonPhrase);
        Assert.Null(read.LastModified);
        Assert.Null(read.Failed);
        Assert.Null(read.Identity.Tags); // every purge of any tag selects it
        Assert.Equal("\"of another field\"", read.ETag!.Value.Text);
        Store("/b", "x", tags: []);
        Assert.Empty(_tier.Find("/b"u8)!.Responses[0].Identity.Tags!);
        Assert.Null(_tier.Find("/b"u8)!.Responses[0].ETag);
    }

    [Fact]
    public void What_changes_is_seen_by_all_who_have_read_it()
    {
        Store("/a", "x");
        var one = _tier.Find("/a"u8)!.Responses[0];
        Forget("/a");
        var other = _tier.Find("/a"u8)!.Responses[0];
        Assert.NotSame(one, other);
        Assert.True(one.Is(other));
        one.PassedUpTo(5);
        one.Failed = new(3, OriginFailure.ServerError);
        Assert.Equal(new FailedValidation(3, OriginFailure.ServerError), other.Failed);
        Forget("/a");
        Assert.Equal(5, _tier.Find("/a"u8)!.Responses[0].AsOf);
    }

    [Fact]
    public void What_was_read_may_stand_for_what_is_stored()
    {
        Store("/a", "one");
        var stored = _tier.Find("/a"u8)!.Responses[0];
        Forget("/a");
        Assert.True(stored.Body.TryAcquire());
        Assert.True(_tier.Replace(stored, stored.StaleSince(TimeSpan.Zero)));
        Assert.True(_tier.Find("/a"u8)!.Responses[0].Reuse.TtlAfter(TimeSpan.Zero) <= TimeSpan.Zero);
        Assert.False(_tier.Replace(stored, stored)); // it has left
        _tier.Remove(stored);
        Assert.Equal(1, _tier.Count);
        _tier.Remove(_tier.Find("/a"u8)!.Responses[0]);
        Assert.Equal((0, _tier.OwnBytes), (_tier.Count, _tier.Pool.Used));
    }

    [Fact]
    public void A_body_outlives_the_response_that_brought_it_in_the_one_that_took_its_place()
    {
        Store("/a", "shared");
        var old = _tier.Find("/a"u8)!.Responses[0];
        Assert.True(old.Body.TryAcquire()); // a reader's
        Assert.True(old.Body.TryAcquire()); // the new response's
        var fresh = old.StaleSince(TimeSpan.Zero);
        Assert.True(_tier.Store(fresh));
        Assert.Equal("shared", Text(old));
        old.Body.Release();
        Assert.False(old.Body.TryAcquire());
        Assert.Equal("shared", Text(_tier.Find("/a"u8)!.Responses[0]));
        Assert.True(fresh.Body.TryAcquire());
        _tier.Remove(fresh);
        Assert.Equal("shared", Text(fresh));
        fresh.Body.Release();
        Assert.Equal(_tier.OwnBytes, _tier.Pool.Used);
    }

    [Theory]
    [InlineData(6)] // in place
    [InlineData(100_000)]
    public void Who_holds_the_body_that_a_304_has_confirmed_has_it_though_another_has_taken_the_place_of_what_the_304_made(int length)
    {
        _tier.Store(Stored.Response("/a", Body.Of(_tier.Pool, new byte[length])));
        var old = _tier.Find("/a"u8)!.Responses[0];
        using (old.Body.Read())
        {
            Assert.True(old.Body.TryAcquire());
            var confirmed = old.StaleSince(TimeSpan.Zero);
            Assert.True(_tier.Store(confirmed));
            Assert.True(_tier.Store(Stored.Response("/a", Body.Of(_tier.Pool, "another"u8))));
            Assert.False(confirmed.Body.TryAcquire());
            var body = confirmed.AcquireBody()!;
            Assert.Equal(length, body.Length);
            body.Release();
        }
        Assert.Null(old.AcquireBody());
        Assert.True(_tier.Remove(new CacheKey("/a"u8)));
        Assert.Equal(_tier.OwnBytes, _tier.Pool.Used);
    }

    [Fact]
    public void Who_reads_a_body_when_it_is_stored_reads_on_and_is_its_owner()
    {
        var body = Body.Of(_tier.Pool, "before"u8);
        using var reader = body.Read()!;
        _tier.Store(Stored.Response("/a", body));
        _tier.Remove(new CacheKey("/a"u8));
        var read = new System.Buffers.ArrayBufferWriter<byte>();
        reader.CopyTo(read, 0, 100);
        Assert.Equal("before"u8, read.WrittenSpan);
        Assert.NotEqual(_tier.OwnBytes, _tier.Pool.Used);
        reader.Dispose();
        Assert.False(body.TryAcquire());
        Assert.Equal(_tier.OwnBytes, _tier.Pool.Used);
    }

    [Fact]
    public void Where_a_body_lies_in_the_shared_tier_is_remembered_with_it()
    {
        var place = new BodyPlace(5000, 1000, 7, 8);
        var body = Body.Of(_tier.Pool, new byte[5000]);
        _tier.Store(Stored.Response("/a", body));
        body.InSharedTier = place;
        Forget("/a");
        var stored = _tier.Find("/a"u8)!.Responses[0];
        Assert.Equal(place, stored.Body.InSharedTier);
        Assert.True(stored.Body.TryAcquire());
        _tier.Store(stored.StaleSince(TimeSpan.Zero));
        Assert.Equal(place, _tier.Find("/a"u8)!.Responses[0].Body.InSharedTier);
    }

    [Fact]
    public void What_is_attached_is_counted_and_goes_with_the_response()
    {
        Store("/a", "x");
        var resident = _tier.Acquire("/a"u8)!;
        var before = _tier.OwnBytes;
        Assert.True(resident.TryAttach(_tier.Pool, 1, stamp: 2, "one"u8));
        Assert.True(resident.TryAttach(_tier.Pool, 3, stamp: 4, "two"u8));
        Assert.InRange(_tier.OwnBytes - before, 100, 300);
        Assert.Equal((3UL, 4L), (resident.Attached.Id, resident.Attached.Stamp));
        Assert.Equal("one"u8, resident.Attached.Next.Bytes);
        Assert.True(resident.Attached.Next.Next.IsNone);
        _tier.Remove(new CacheKey("/a"u8));
        Assert.Equal("two"u8, resident.Attached.Bytes);
        resident.Release(_tier.Pool);
        Assert.False(resident.TryAcquire());
        Assert.Equal(_tier.OwnBytes, _tier.Pool.Used);
    }

    [Fact]
    public void A_hundred_thousand_responses_cost_at_most_128_managed_bytes_each()
    {
        const int Many = 100_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Many; i++)
            Store("/" + i, "x");
        Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / Many, 0, 128);
        Assert.Equal(Many, _tier.Count);
    }

    [Fact]
    public void Memory_that_was_given_to_somebody_else_is_found_out()
    {
        Assert.True(CheckedMemory.IsOn);
        Store("/a", "x");
        var resident = _tier.Acquire("/a"u8)!;
        Overwrite(resident.Key);
        Assert.Throws<InvalidOperationException>(() => resident.TryAcquire());
    }

    private static ReuseFacts Facts => new()
    {
        InitialAge = TimeSpan.FromSeconds(1),
        Lifetime = TimeSpan.FromSeconds(2),
        LifetimeSource = LifetimeSource.Policy,
        NoCache = true,
        ForbidsStale = true,
        StaleWhileRevalidate = TimeSpan.FromSeconds(3),
        StaleIfError = TimeSpan.FromSeconds(4),
        StaleIfUnreachable = TimeSpan.FromSeconds(5),
        HasValidator = true,
    };

    private static void Overwrite(ReadOnlySpan<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(bytes), bytes.Length).Clear();

    /// <summary>What was read of that key lately is read anew.</summary>
    private void Forget(string key)
    {
        _tier.Store(Stored.Response(key, Body.Of(_tier.Pool, "other"u8), language: "other"));
        _tier.Remove(_tier.Find(Encoding.ASCII.GetBytes(key))!.Responses.ToArray().Single(response => response.Variant.Names.Length > 0));
    }

    private void Store(string key, string body, string[]? tags = null, EntityTag? etag = null) => Assert.True(_tier.Store(new()
    {
        Key = new CacheKey(Encoding.ASCII.GetBytes(key)),
        Variant = VariantKey.None,
        Status = 200,
        Fields = FieldList.Empty,
        Reuse = Stored.Fresh(TimeSpan.FromHours(1)),
        ETag = etag,
        Date = DateTimeOffset.UnixEpoch,
        ReceivedAt = TimeProvider.System.GetTimestamp(),
        Identity = PurgeIdentity.Of("http", "test", key, tags),
        AsOf = 0,
        Body = Body.Of(_tier.Pool, Encoding.ASCII.GetBytes(body)),
    }));

    private static string Text(StoredResponse response)
    {
        var text = "";
        for (var at = response.Body.At(0); !at.IsEmpty; at = response.Body.At(text.Length))
            text += Encoding.ASCII.GetString(at);
        return text;
    }
}
