using System.Collections.Concurrent;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Memory;

/// <summary>
/// Finds responses that can answer nobody any more, expired past all stale windows or purged hard, so that they leave before any living one.
/// No list of them is kept: rounds through the index, in slices, begin when a purge came or the first expiry is reached.
/// </summary>
internal sealed class DeadResponses(ConcurrentDictionary<CacheKey, VariantSet> index, TimeProvider time, PurgeIndex purges)
{
    private const int Slice = 2048;

    /// <summary>A validator spares a transfer also when the response itself is past use: so long it is kept beyond.</summary>
    private static readonly TimeSpan WorthValidating = TimeSpan.FromHours(1);

    private static readonly TimeSpan LeastBetweenRounds = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(10 * 365);

    private readonly List<StoredResponse> _found = [];
    private IEnumerator<KeyValuePair<CacheKey, VariantSet>>? _round;
    private long _roundBegan = long.MinValue;
    private long _purgesSeen;
    private long _firstExpiry = long.MaxValue;

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
    public IReadOnlyList<StoredResponse> Next()
    {
        _found.Clear();
        var now = time.GetTimestamp();
        if (_round is null && !TryBegin(now))
            return _found;
        for (var seen = 0; seen < Slice; seen++)
        {
            if (!_round!.MoveNext())
            {
                _round = null;
                break;
            }
            foreach (var response in _round.Current.Value.Responses)
                if (response.Resident is not { } resident)
                    continue;
                else if (Contains(resident, now))
                    _found.Add(response);
                else
                    _firstExpiry = Math.Min(_firstExpiry, resident.PastUse);
        }
        return _found;
    }

    private bool TryBegin(long now)
    {
        var version = purges.Version;
        if (version == _purgesSeen && now < _firstExpiry)
            return false;
        if (_roundBegan != long.MinValue && time.GetElapsedTime(_roundBegan, now) < LeastBetweenRounds)
            return false;
        _roundBegan = now;
        _purgesSeen = version;
        _firstExpiry = long.MaxValue;
        _round = index.GetEnumerator();
        return true;
    }

    private bool Contains(Resident resident, long now)
    {
        var response = resident.Response;
        return now >= resident.PastUse
            || (response.AsOf < purges.Version && purges.Judge(response.Identity, response.AsOf, out _) is PurgeVerdict.Dead);
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
