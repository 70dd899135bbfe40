using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DistCache.Storage.Purging;

/// <summary>
/// For each selector the last hard and the last soft purge, in this node's own count of the purges that it has applied. A stored response
/// carries the position in that count that it is as of; a purge of one of its selectors at a later position makes it unusable. No reverse index: a tag purge of a million responses is one entry here.
/// </summary>
/// <remarks>
/// <para>Bounded: beyond <see cref="MostSelectors"/> the oldest are folded into a fixed table by hash (collisions only purge too much);
/// beyond <see cref="MostPrefixes"/> the oldest prefix becomes a purge of everything, at its own position.</para>
/// <para>A hit compares <see cref="Version"/> with the version this response was last checked at, and looks here only after a new purge.
/// Version is written after the entry, so who reads it sees every purge up to it.</para>
/// </remarks>
public sealed class PurgeIndex
{
    public const int MostSelectors = 100_000;
    public const int MostPrefixes = 1_000;
    private const int Slots = 1 << 16;

    // Selectors are known by a hash, since any client's write may name a URL as long as it likes. Seeded: nobody can choose collisions, and
    // one by chance would only purge too much.
    private static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private readonly ConcurrentDictionary<(PurgeScope Scope, UInt128 Hash), PurgeMarks> _exact = new();
    private readonly Queue<((PurgeScope Scope, UInt128 Hash) Selector, long Position)> _order = new();
    private readonly Queue<(string Prefix, long Position)> _prefixOrder = new();
    private readonly Lock _gate = new();
    private readonly int _mostSelectors;
    private readonly int _mostPrefixes;
    private readonly PurgeIndexRules _rules;
    private readonly Func<PurgeSelector, IEnumerable<PurgeSelector>>? _spellings;
    private Dictionary<string, PurgeMarks> _prefixes = [];
    private PurgeMarks[]? _folded;
    private Strong<PurgeMarks> _everything = new(default);
    private Strong<PurgeMarks> _anyTag = new(default);
    private long _suspectBefore;
    private long _version;

    public PurgeIndex(int mostSelectors = MostSelectors, int mostPrefixes = MostPrefixes)
        : this(mostSelectors, mostPrefixes, PurgeIndexRules.All)
    {
    }

    /// <param name="spellings">Under which selectors a purge is found here, where responses have identities in a spelling of their own: never fewer responses than it names.</param>
    public PurgeIndex(Func<PurgeSelector, IEnumerable<PurgeSelector>> spellings)
        : this() => _spellings = spellings;

    internal PurgeIndex(int mostSelectors, int mostPrefixes, PurgeIndexRules rules)
    {
        _mostSelectors = mostSelectors;
        _mostPrefixes = mostPrefixes;
        _rules = rules;
    }

    /// <summary>Position of the last purge that is visible here; 0: none yet.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Makes it visible to every thread, then moves <see cref="Version"/>.</summary>
    /// <param name="at">Now, as <see cref="TimeProvider.GetTimestamp"/>.</param>
    /// <returns>The position of this purge.</returns>
    public long Apply(IReadOnlyCollection<PurgeSelector> selectors, PurgeMode mode, long at)
    {
        lock (_gate)
        {
            var position = _version + 1;
            foreach (var selector in _spellings is null ? selectors : selectors.SelectMany(_spellings))
                Mark(selector, mode, position, at);
            Volatile.Write(ref _version, position);
            return position;
        }
    }

    /// <summary>All that is held by now is suspect: purges were missed and cannot be learnt any more. Takes a position as a purge does.</summary>
    public void SuspectAll()
    {
        lock (_gate)
        {
            var position = _version + 1;
            Volatile.Write(ref _suspectBefore, position);
            Volatile.Write(ref _version, position);
        }
    }

    /// <param name="asOf">Position that the response is true for.</param>
    /// <param name="softAt">For Stale: when it became so.</param>
    public PurgeVerdict Judge(PurgeIdentity identity, long asOf, out long softAt)
    {
        var marks = default(PurgeMarks);
        Add(ref marks, PurgeScope.Url, identity.Url, asOf);
        Add(ref marks, PurgeScope.Host, identity.Host, asOf);
        if (identity.Tags is null && _rules.AnyTagSelectsUnknown)
            marks = Later(marks, Volatile.Read(ref _anyTag).Value, asOf);
        else
            foreach (var tag in identity.Tags ?? [])
                Add(ref marks, PurgeScope.Tag, tag, asOf);
        AddPrefixes(ref marks, identity, asOf);
        // Last: a prefix that has left its place for this one is found here by whoever did not find it there.
        marks = Later(marks, Volatile.Read(ref _everything).Value, asOf);
        softAt = marks.SoftAt;
        return marks.LastHard > asOf ? PurgeVerdict.Dead : asOf < Volatile.Read(ref _suspectBefore) ? PurgeVerdict.Suspect : marks.LastSoft > asOf ? PurgeVerdict.Stale : PurgeVerdict.Valid;
    }

    /// <summary>Whether any tag was purged after that position: then a fill whose tags are not known yet cannot be judged.</summary>
    public bool HasTagPurgeAfter(long asOf) => Volatile.Read(ref _anyTag).Value.Last > asOf;

    private void Mark(PurgeSelector selector, PurgeMode mode, long position, long at)
    {
        switch (selector.Scope)
        {
            case PurgeScope.Everything:
                Volatile.Write(ref _everything, new(With(_everything.Value, mode, position, at)));
                break;
            case PurgeScope.Prefix:
                MarkPrefix(selector.Value, mode, position, at);
                break;
            default:
                var key = (selector.Scope, HashOf(selector.Value));
                _exact[key] = With(_exact.GetValueOrDefault(key), mode, position, at);
                if (selector.Scope is PurgeScope.Tag)
                    Volatile.Write(ref _anyTag, new(With(_anyTag.Value, mode, position, at)));
                _order.Enqueue((key, position));
                while (_exact.Count > _mostSelectors || _order.Count > 2 * _mostSelectors)
                    FoldOldest();
                break;
        }
    }

    private PurgeMarks With(PurgeMarks marks, PurgeMode mode, long position, long at) => (_rules.KeepsHardAndSoft ? marks : default).With(mode, position, at);

    private void FoldOldest()
    {
        var (key, position) = _order.Dequeue();
        if (!_exact.TryGetValue(key, out var marks) || marks.Last > position)
            return; // purged again since: its later place in the queue counts
        if (_rules.FoldsOldest)
        {
            _folded ??= new PurgeMarks[Slots];
            ref var slot = ref _folded[SlotOf(key)];
            slot = slot.Max(marks);
        }
        _exact.TryRemove(key, out _);
    }

    private void MarkPrefix(string prefix, PurgeMode mode, long position, long at)
    {
        // Copied: readers walk it without a lock, and prefixes are few.
        var prefixes = new Dictionary<string, PurgeMarks>(_prefixes);
        prefixes[prefix] = With(prefixes.GetValueOrDefault(prefix), mode, position, at);
        _prefixOrder.Enqueue((prefix, position));
        while (prefixes.Count > _mostPrefixes || _prefixOrder.Count > 2 * _mostPrefixes)
        {
            var (oldest, then) = _prefixOrder.Dequeue();
            if (!prefixes.TryGetValue(oldest, out var marks) || marks.Last > then)
                continue;
            if (_rules.OldestPrefixIsAll)
                Volatile.Write(ref _everything, new(_everything.Value.Max(marks)));
            prefixes.Remove(oldest);
        }
        Volatile.Write(ref _prefixes, prefixes);
    }

    private void Add(ref PurgeMarks marks, PurgeScope scope, ReadOnlySpan<char> value, long asOf)
    {
        var key = (scope, HashOf(value));
        if (_exact.TryGetValue(key, out var exact))
            marks = Later(marks, exact, asOf);
        if (Volatile.Read(ref _folded) is { } folded)
            lock (_gate)
                marks = Later(marks, folded[SlotOf(key)], asOf);
    }

    private void AddPrefixes(ref PurgeMarks marks, PurgeIdentity identity, long asOf)
    {
        foreach (var (prefix, last) in Volatile.Read(ref _prefixes))
            if (last.Last > asOf && (identity.UrlWithoutScheme.StartsWith(prefix) || identity.Url.StartsWith(prefix, StringComparison.Ordinal)))
                marks = Later(marks, last, asOf);
    }

    /// <summary>Only what came after <paramref name="asOf"/> may decide the time of a soft purge.</summary>
    private static PurgeMarks Later(PurgeMarks marks, PurgeMarks other, long asOf) => marks.Max(other.For(asOf));

    private static UInt128 HashOf(ReadOnlySpan<char> value) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(value), Seed);

    private static int SlotOf((PurgeScope Scope, UInt128 Hash) key) => (int)((uint)key.Hash ^ (uint)key.Scope) & (Slots - 1);

    /// <summary>A value that is replaced whole, so that readers never see half of it.</summary>
    private sealed record Strong<T>(T Value);
}
