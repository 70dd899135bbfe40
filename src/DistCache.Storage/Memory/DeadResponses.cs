using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Memory;

/// <summary>
/// Finds responses that can answer nobody any more, expired past all stale windows or purged hard, so that they leave before any living one.
/// No list of them is kept: rounds through the index, in slices, begin when a purge came or the first expiry is reached.
/// </summary>
internal sealed class DeadResponses(ResidentIndex index, TimeProvider time, PurgeIndex purges)
{
    /// <summary>Places of one slice at most.</summary>
    private const int Slice = 2048;

    /// <summary>Places between two looks at the clock.</summary>
    private const int Look = 32;

    /// <summary>Of one slice at most: somebody waits for it, and others for the tier.</summary>
    private static readonly TimeSpan TimeOfSlice = TimeSpan.FromMicroseconds(200);

    /// <summary>After a round so many times what it took is left to others, however often purges come.</summary>
    private const int Pause = 10;

    /// <summary>A validator spares a transfer also when the response itself is past use: so long it is kept beyond.</summary>
    private static readonly TimeSpan WorthValidating = TimeSpan.FromHours(1);

    private static readonly TimeSpan LeastBetweenRounds = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(10 * 365);

    private readonly List<Resident> _found = [];
    private readonly List<Resident> _met = [];
    private (int, int)? _round; // where it is
    private long _nextRound = long.MinValue;
    private long _taken; // by this round, in ticks of the clock
    private long _purgesSeen;
    private long _firstExpiry = long.MaxValue;

    /// <summary>A round has begun, and not come to its end.</summary>
    public bool IsUnderWay => _round is not null;

    public bool Contains(Resident resident) => Contains(resident, time.GetTimestamp());

    public long PastUseOf(StoredResponse response)
    {
        var reuse = response.Reuse;
        var stale = reuse.ForbidsStale ? TimeSpan.Zero : Max(reuse.StaleWhileRevalidate, Max(reuse.StaleIfError, reuse.StaleIfUnreachable));
        var left = Min(reuse.TtlAfter(TimeSpan.Zero), Longest) + Min(stale, Longest) + (reuse.HasValidator ? WorthValidating : TimeSpan.Zero);
        return response.ReceivedAt + (long)(left.TotalSeconds * time.TimestampFrequency);
    }

    /// <summary>A newcomer: when it is past use a round is due.</summary>
    public void Expect(Resident resident) => _firstExpiry = Math.Min(_firstExpiry, resident.PastUse);

    /// <summary>The next dead responses; none when no round is due, or this slice had none.</summary>
    public IReadOnlyList<Resident> Next()
    {
        _found.Clear();
        var now = time.GetTimestamp();
        if (_round is null && !TryBegin(now))
            return _found;
        for (var places = 1; places <= Slice && _round is { } at; places++)
        {
            _round = index.Walk(ref at, _met) ? at : null;
            foreach (var resident in _met)
                if (Contains(resident, now))
                    _found.Add(resident);
                else
                    _firstExpiry = Math.Min(_firstExpiry, resident.PastUse);
            _met.Clear();
            if (places % Look == 0 && time.GetElapsedTime(now) >= TimeOfSlice)
                break;
        }
        var end = time.GetTimestamp();
        _taken += end - now;
        if (_round is null)
            _nextRound = end + Math.Max((long)(LeastBetweenRounds.TotalSeconds * time.TimestampFrequency), Pause * _taken);
        return _found;
    }

    private bool TryBegin(long now)
    {
        var version = purges.Version;
        if (version == _purgesSeen && now < _firstExpiry)
            return false;
        if (now < _nextRound)
            return false;
        _taken = 0;
        _purgesSeen = version;
        _firstExpiry = long.MaxValue;
        _round = (0, 0);
        return true;
    }

    private bool Contains(Resident resident, long now)
    {
        if (now >= resident.PastUse)
            return true;
        var (version, asOf) = (purges.Version, resident.AsOf);
        if (asOf >= version)
            return false;
        var verdict = purges.Judge(resident.Identity(), asOf, out _);
        if (verdict is PurgeVerdict.Valid && resident.AsOf == asOf)
            resident.AsOf = version; // nobody need ask that again
        return verdict is PurgeVerdict.Dead;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
