using DistCache.Fleet.Logs;
using DistCache.Storage.Shared;

namespace DistCache.Fleet.Following;

/// <summary>
/// The part of the log that this node has applied, as far back as it remembers: each entry with the node's own count when it was applied
/// (<see cref="Storage.Purging.PurgeIndex"/>). It translates between that count and places in the log, both ways, never claiming more than is known.
/// </summary>
/// <remarks>
/// After a regression an entry may stand behind one that was applied later; so each place knows the highest count up to it and the lowest from it on.
/// <code>
/// stamp of a copy as of s   the last place up to which every count is at most s
/// as-of of a stamp p        the least of: the highest count up to p; the lowest behind it, minus one; what is told of this node's own purges
/// </code>
/// Changed by the follower alone; read by any thread.
/// </remarks>
internal sealed class PurgeChain(ProtocolRules rules)
{
    private readonly Lock _gate = new();
    private readonly List<Place> _places = [];
    private readonly Dictionary<ulong, long> _countById = [];
    private Cursor _base;
    private bool _knowsBase = true;
    private long _countAtBase;
    private ulong _log;
    private bool _hasLog;
    private long _toldUpTo = long.MaxValue;
    private long _size;

    private record struct Place(LogEntry Entry, long Count, long HighestUpTo, long LowestFrom);

    public ulong Log
    {
        get
        {
            lock (_gate)
                return _log;
        }
    }

    public bool HasLog
    {
        get
        {
            lock (_gate)
                return _hasLog;
        }
    }

    /// <summary>The last place that is applied.</summary>
    public Cursor Head
    {
        get
        {
            lock (_gate)
                return HeadUnderGate;
        }
    }

    /// <summary>The last place that is applied, to be compared with the log's; null: there is none yet, or its link is not known.</summary>
    public Cursor? KnownHead
    {
        get
        {
            lock (_gate)
                return _hasLog && (_places.Count > 0 || _knowsBase) ? HeadUnderGate : null;
        }
    }

    /// <summary>Everything up to here is not remembered.</summary>
    public long Base
    {
        get
        {
            lock (_gate)
                return _base.Position;
        }
    }

    private Cursor HeadUnderGate => _places.Count == 0 ? _base : _places[^1].Entry.At;

    /// <summary>From now on a part of that log, beginning behind <paramref name="start"/>.</summary>
    /// <param name="start">With the link 0 behind the first record of all: its link is not known.</param>
    /// <param name="newest">The node's count now.</param>
    public void Restart(ulong log, Cursor start, long newest)
    {
        lock (_gate)
        {
            _places.Clear();
            _countById.Clear();
            _size = 0;
            (_log, _hasLog, _base, _knowsBase, _countAtBase) = (log, true, start, start.Position == 0 || start.Link != 0, newest);
        }
    }

    /// <summary>The count under which that record was applied; null: it was not, as far as is remembered.</summary>
    public long? CountOf(ulong recordId)
    {
        lock (_gate)
            return _countById.TryGetValue(recordId, out var count) ? count : null;
    }

    /// <param name="count">The node's count when it was applied: lower than the newest for one that has only moved.</param>
    public void Add(LogEntry entry, long count)
    {
        lock (_gate)
            AddUnderGate(entry, count);
    }

    /// <summary>The log has another branch behind <paramref name="fork"/>: what stood there is replaced in one step, for in between a stamp would seem newer than it is.</summary>
    public void Replace(long fork, IReadOnlyList<(LogEntry Entry, long Count)> branch)
    {
        lock (_gate)
        {
            var keep = (int)(fork - _base.Position);
            _size -= SizeOf(keep, _places.Count);
            _places.RemoveRange(keep, _places.Count - keep);
            var lowest = long.MaxValue;
            for (var i = _places.Count - 1; i >= 0; i--)
                _places[i] = _places[i] with { LowestFrom = lowest = Math.Min(lowest, _places[i].Count) };
            foreach (var (entry, count) in branch)
                AddUnderGate(entry, count);
        }
    }

    /// <summary>Forgets what lies before the last <paramref name="most"/> entries, or before as many as take up <paramref name="mostBytes"/>. The last one stays.</summary>
    public void KeepLast(int most, long mostBytes = long.MaxValue)
    {
        lock (_gate)
        {
            var surplus = Math.Max(0, _places.Count - most);
            _size -= SizeOf(0, surplus);
            while (_size > mostBytes && surplus < _places.Count - 1)
                _size -= _places[surplus++].Entry.Record.Size;
            if (surplus == 0)
                return;
            var last = _places[surplus - 1];
            (_base, _knowsBase, _countAtBase) = (last.Entry.At, true, last.HighestUpTo);
            foreach (var place in _places[..surplus])
                _countById.Remove(place.Entry.Record.Id);
            _places.RemoveRange(0, surplus);
        }
    }

    /// <summary>Position from which on all that is remembered takes up at most so many bytes; 0: all of it does.</summary>
    public long LowestWithin(long bytes)
    {
        lock (_gate)
        {
            if (_size <= bytes)
                return 0;
            var i = _places.Count;
            while (i > 0 && (bytes -= _places[i - 1].Entry.Record.Size) >= 0)
                i--;
            return _base.Position + 1 + i;
        }
    }

    /// <summary>The link at that position; null: not remembered.</summary>
    public ulong? LinkAt(long position)
    {
        lock (_gate)
            return LinkUnderGate(position);
    }

    /// <summary>Entries behind that position, in order.</summary>
    public IReadOnlyList<LogEntry> Behind(long position)
    {
        lock (_gate)
            return [.. _places.Skip((int)Math.Max(0, position - _base.Position)).Select(place => place.Entry)];
    }

    /// <summary>Entries before that position, the last first.</summary>
    public IReadOnlyList<LogEntry> Before(long position, int most)
    {
        lock (_gate)
        {
            var end = (int)Math.Clamp(position - _base.Position - 1, 0, _places.Count);
            return [.. _places.Take(end).Reverse().Take(most).Select(place => place.Entry)];
        }
    }

    public LogEntry? At(long position)
    {
        lock (_gate)
            return PlaceOf(position) is { } place ? place.Entry : null;
    }

    /// <summary>Where the record of that id stands now; null: nowhere, as far as is remembered.</summary>
    public LogEntry? Find(ulong recordId)
    {
        lock (_gate)
        {
            for (var i = _places.Count - 1; i >= 0; i--)
                if (_places[i].Entry.Record.Id == recordId)
                    return _places[i].Entry;
            return null;
        }
    }

    /// <summary>Beyond that count there are purges of this node's own that the log has not taken yet: no place is behind them, however newly its records were counted. MaxValue: there are none.</summary>
    public void IsToldUpTo(long count) => Volatile.Write(ref _toldUpTo, count);

    public Stamp? StampOf(long asOf)
    {
        lock (_gate)
        {
            if (!_hasLog || !_knowsBase && _places.Count == 0 || asOf < _countAtBase)
                return null;
            int low = 0, high = _places.Count; // how many places have counts of at most asOf
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_places[middle].HighestUpTo <= asOf)
                    low = middle + 1;
                else
                    high = middle;
            }
            if (low == 0)
                return _knowsBase ? new(_log, _base.Position, _base.Link) : null;
            var at = _places[low - 1].Entry.At;
            return new(_log, at.Position, at.Link);
        }
    }

    public StampPlace PlaceOf(in Stamp stamp, out long asOf)
    {
        lock (_gate)
        {
            asOf = 0;
            if (!_hasLog || (rules.StampsNameLog && stamp.Log != _log))
                return StampPlace.Foreign;
            if (stamp.Position > HeadUnderGate.Position)
            {
                asOf = stamp.Position;
                return rules.AheadIsUnknown ? StampPlace.Ahead : StampPlace.Known;
            }
            if (stamp.Position < _base.Position || (rules.StampsHaveLinks && LinkUnderGate(stamp.Position) != stamp.Record))
                return StampPlace.Foreign;
            var next = (int)(stamp.Position - _base.Position);
            // Not the newest count, not even at the head: what else is counted is a record that is visible but not in the chain yet, or this node's own.
            asOf = Math.Min(next == 0 ? _countAtBase : _places[next - 1].HighestUpTo, next == _places.Count ? long.MaxValue : _places[next].LowestFrom - 1);
            asOf = Math.Min(asOf, Volatile.Read(ref _toldUpTo));
            return StampPlace.Known;
        }
    }

    private void AddUnderGate(LogEntry entry, long count)
    {
        var highest = Math.Max(_places.Count == 0 ? _countAtBase : _places[^1].HighestUpTo, count);
        _places.Add(new(entry, count, highest, count));
        _size += entry.Record.Size;
        for (var i = _places.Count - 2; i >= 0 && _places[i].LowestFrom > count; i--)
            _places[i] = _places[i] with { LowestFrom = count };
        _countById[entry.Record.Id] = count;
    }

    private long SizeOf(int from, int to)
    {
        var size = 0L;
        for (var i = from; i < to; i++)
            size += _places[i].Entry.Record.Size;
        return size;
    }

    private ulong? LinkUnderGate(long position) =>
        position == _base.Position ? _knowsBase ? _base.Link : null : PlaceOf(position) is { } place ? place.Entry.At.Link : null;

    private Place? PlaceOf(long position)
    {
        var i = position - _base.Position - 1;
        return i >= 0 && i < _places.Count ? _places[(int)i] : null;
    }
}
