using DistCache.Storage.Purging;
using DistCache.Storage.Responses;

namespace DistCache.Storage.Memory;

/// <summary>
/// Finds responses that can answer nobody any more, expired past all stale windows or purged hard, so that they leave before any living one.
/// No list of them is kept: rounds through the index, in slices, begin when a purge came or the first expiry is reached.
/// </summary>
internal sealed class DeadResponses(ResidentIndex index, TimeProvider time, PurgeIndex purges)
{
    private const int Slice = 2048;

    /// <summary>A validator spares a transfer also when the response itself is past use: so long it is kept beyond.</summary>
    private static readonly TimeSpan WorthValidating = TimeSpan.FromHours(1);

    private static readonly TimeSpan LeastBetweenRounds = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(10 * 365);

    private readonly List<Resident> _found = [];
    private readonly List<Resident> _met = [];
    private (int, int)? _round; // where it is
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
    public IReadOnlyList<Resident> Next()
    {
        _found.Clear();
        var now = time.GetTimestamp();
        if (_round is null && !TryBegin(now))
            return _found;
        for (var places = 0; places < Slice && _round is { } at; places++)
        {
            _round = index.Walk(ref at, _met) ? at : null;
            foreach (var resident in _met)
                if (Contains(resident, now))
                    _found.Add(resident);
                else
                    _firstExpiry = Math.Min(_firstExpiry, resident.PastUse);
            _met.Clear();
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
        _round = (0, 0);
        return true;
    }

    private bool Contains(Resident resident, long now) =>
        now >= resident.PastUse
        || (resident.AsOf < purges.Version && purges.Judge(resident.Identity(), resident.AsOf, out _) is PurgeVerdict.Dead);

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
