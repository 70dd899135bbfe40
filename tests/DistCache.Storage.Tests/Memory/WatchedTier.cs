using System.Text;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Memory;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Tests.Memory;

/// <summary>A tier whose every use writes down, in the operation, what it was answered.</summary>
internal sealed class WatchedTier
{
    private readonly LentTier _lent = LentTier.Next();
    private readonly long _room;
    private readonly long _own;
    private readonly long _firstPosition;
    private readonly long _began;
    private readonly long _evictedBefore;

    /// <param name="room">Bytes, besides those that the tier has for itself as others used it.</param>
    public WatchedTier(long room)
    {
        (_room, _own) = (room, Tier.OwnBytes);
        Tier.Pool.Capacity = CapacityOf(divisor: 1);
        _firstPosition = _lent.Purges.Version;
        _began = _lent.Time.GetTimestamp();
        _evictedBefore = EvictedEver;
    }

    public MemoryTier Tier => _lent.Tier;

    /// <summary>For room, or as none could use them any more.</summary>
    public long Evicted => EvictedEver - _evictedBefore;

    private long EvictedEver => Tier.Counts.EvictedForRoom + Tier.Counts.RefusedNewcomers + Tier.Counts.EvictedDead;

    public void Do(Storing what) => what.IsStored = Tier.MakeRoom(Body.FootprintOf(what.Length), BytesOf(what.Place)) && Tier.Store(Stored.Response(
        TextOf(what.Place), Body.Of(Tier.Pool, new byte[what.Length]), language: Places.LanguageOf(what.Place), receivedAt: _began, asOf: _firstPosition + what.AsOf));

    public void Do(Removal what) => what.IsFound = Tier.Remove(new CacheKey(BytesOf(what.Place)));

    public void Do(Hit what)
    {
        var saw = what.IsOfRecord ? OfRecord(what.Place) : OfResponse(what.Place);
        what.Saw = saw is { Verdict: PurgeVerdict.Dead } ? null : saw;
    }

    public void Do(Purging what)
    {
        _lent.Purges.Apply([new(PurgeScope.Url, "http://test" + TextOf(what.Place))], what.Mode, _lent.Time.GetTimestamp());
        _lent.Time.Advance(TimeSpan.FromSeconds(2)); // whoever needs room next may look for what that has left dead
    }

    public void Do(Resizing what) => Tier.ResizeAsync(CapacityOf(what.Divisor)).GetAwaiter().GetResult();

    public long CapacityOf(int divisor) => _own + (_room / divisor);

    /// <summary>When all are done: who is there, by place.</summary>
    public IReadOnlyDictionary<int, (int Length, PurgeVerdict Verdict)> Left() => Tier.Responses.ToDictionary(
        response => Enumerable.Range(0, Places.Count).Single(place => response.Identity.Url == "http://test" + TextOf(place) && Is(response, place)),
        response => ((int)response.Body.Length, Judge(response.Identity, response.AsOf)));

    // Whoever has left between two steps is looked for again: another may stand in the same place.
    private (int Length, PurgeVerdict Verdict)? OfRecord(int place)
    {
        for (var wait = default(SpinWait); Tier.Acquire(BytesOf(place)) is { } resident; Again(ref wait))
        {
            Tier.Hit(resident);
            var saw = ((int)resident.Length, Judge(resident.Identity(), resident.AsOf));
            var isStored = resident.IsStored;
            resident.Release(Tier.Pool);
            if (isStored)
                return saw;
        }
        return null;
    }

    private (int Length, PurgeVerdict Verdict)? OfResponse(int place)
    {
        for (var wait = default(SpinWait); Tier.Find(BytesOf(place))?.Responses.ToArray().FirstOrDefault(one => Is(one, place)) is { } response; Again(ref wait))
        {
            if (!response.Body.TryAcquire())
                continue;
            Tier.Hit(response);
            var saw = ((int)response.Body.Length, Judge(response.Identity, response.AsOf));
            response.Body.Release();
            return saw;
        }
        return null;
    }

    private static void Again(ref SpinWait wait)
    {
        wait.SpinOnce();
        Assert.InRange(wait.Count, 0, 1000); // else it is found for ever, and has left
    }

    private PurgeVerdict Judge(PurgeIdentity identity, long asOf) => _lent.Purges.Judge(identity, asOf, out _);

    private static bool Is(StoredResponse response, int place) => Places.LanguageOf(place) == response.Variant.Values.FirstOrDefault();

    private static string TextOf(int place) => "/" + Places.KeyOf(place);

    private static byte[] BytesOf(int place) => Encoding.UTF8.GetBytes(TextOf(place));
}

/// <summary>Four responses: two that are alone under their keys, and two variants of one key.</summary>
internal static class Places
{
    public const int Count = 4;
    public const int Alone = 2;

    public static int KeyOf(int place) => Math.Min(place, Alone);

    public static string? LanguageOf(int place) => place < Alone ? null : "v" + place;
}

/// <param name="Length">Of its body: by that it is known again.</param>
/// <param name="AsOf">Purges that it has seen, of those that come here.</param>
internal sealed record Storing(int Place, int Length, int AsOf)
{
    public bool IsStored { get; set; }
}

internal sealed record Removal(int Place)
{
    public bool IsFound { get; set; }
}

/// <param name="IsOfRecord">As the short way does, which makes no response of it.</param>
internal sealed record Hit(int Place, bool IsOfRecord)
{
    /// <summary>Null: none, or one that a purge has made unusable.</summary>
    public (int Length, PurgeVerdict Verdict)? Saw { get; set; }
}

internal sealed record Purging(int Place, PurgeMode Mode);

internal sealed record Resizing(int Divisor);
