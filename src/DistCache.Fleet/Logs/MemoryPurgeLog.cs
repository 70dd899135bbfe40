using DistCache.Fleet.Following;
using DistCache.Fleet.Members;

namespace DistCache.Fleet.Logs;

/// <summary>
/// The log in this process' memory: of a node that is alone, and of tests. What it does in one call is what the scripts of the other stores do
/// in one step.
/// </summary>
/// <param name="most">Records that it keeps, 64 MiB of them at most; the oldest go first.</param>
public class MemoryPurgeLog(TimeProvider time, int most = MemoryPurgeLog.Most) : IPurgeLog
{
    public const int Most = 10_000;

    private const long MostBytes = Follower.RememberedBytes;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, MemberRow> _rows = new(StringComparer.Ordinal);
    private readonly HashSet<string> _forgotten = new(StringComparer.Ordinal);
    private readonly List<LogEntry> _entries = [];
    private Cursor _base;
    private long _size;
    private ulong _id;

    public event Action<LogEntry>? Bell;

    public virtual bool IsLocal => true;

    public virtual TimeSpan? TakeOverTime => TimeSpan.Zero;

    /// <summary>Id of the log; 0: nobody has asked for it yet.</summary>
    protected ulong Id
    {
        get => _id;
        set => _id = value;
    }

    protected long Session { get; set; }

    /// <summary>Whether everybody is told <see cref="Session"/>.</summary>
    protected virtual bool TellsSession => true;

    /// <summary>What is kept, in order.</summary>
    protected List<LogEntry> Entries => _entries;

    protected IDictionary<string, MemberRow> Rows => _rows;

    protected Cursor Base
    {
        get => _base;
        set => _base = value;
    }

    protected Cursor Head => _entries.Count == 0 ? _base : _entries[^1].At;

    public virtual Task<LogEntry?> AppendAsync(PurgeRecord record, long after, CancellationToken cancel)
    {
        LogEntry entry;
        lock (_gate)
        {
            EnsureMade();
            if (_entries.FindLast(known => known.At.Position > after && known.Record.Id == record.Id) is { } known)
                return Task.FromResult<LogEntry?>(known);
            entry = new(Next(record), time.GetUtcNow(), record);
            if (!TryKeep([entry]))
                return Task.FromResult<LogEntry?>(null);
            Add(entry);
        }
        Bell?.Invoke(entry);
        return Task.FromResult<LogEntry?>(entry);
    }

    public virtual Task<BeatAnswer?> BeatAsync(Beat beat, CancellationToken cancel)
    {
        lock (_gate)
        {
            var isNew = EnsureMade();
            // A beat that was held up on its way must not hide a later one: its node holds a lease by that, and would seem silent for longer than it was.
            if (!_rows.TryGetValue(beat.Row.Key, out var known) || known.Beat < beat.Row.Beat)
                _rows[beat.Row.Key] = beat.Row;
            var isOn = beat.After is not { } after || (beat.Log == _id && IsOn(after));
            IReadOnlyList<LogEntry> entries = isOn ? [.. _entries.Skip((int)Math.Max(0, (beat.After?.Position ?? 0) - _base.Position)).Take(beat.Most)] : [];
            if (beat.HasHeard)
                _forgotten.Remove(beat.Row.Key);
            var members = Read(); // with the last word of the run before
            if (beat.Row.Replaces != 0)
                _rows.Remove(MemberRow.KeyOf(beat.Row.Node, beat.Row.Replaces));
            return Task.FromResult<BeatAnswer?>(new(isNew, Head, _base.Position + 1, isOn, entries, members) { WasForgotten = _forgotten.Contains(beat.Row.Key) });
        }
    }

    public virtual Task<MembersAnswer?> MembersAsync(CancellationToken cancel)
    {
        lock (_gate)
        {
            EnsureMade();
            return Task.FromResult<MembersAnswer?>(Read());
        }
    }

    public virtual Task<IReadOnlyList<LogEntry>?> ReadBackAsync(long before, int most, CancellationToken cancel)
    {
        lock (_gate)
        {
            var end = (int)Math.Clamp(before - _base.Position - 1, 0, _entries.Count);
            var start = Math.Max(0, end - most);
            return Task.FromResult<IReadOnlyList<LogEntry>?>(_entries[start..end]);
        }
    }

    public virtual Task<bool> PutBackAsync(Cursor tail, IReadOnlyList<LogEntry> lost, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (Head != tail)
                return Task.FromResult(false);
            foreach (var entry in lost)
            {
                var placed = entry with { At = Next(entry.Record) };
                if (!TryKeep([placed]))
                    return Task.FromResult(false); // those before it have places: the next look shows what is missing still
                Add(placed);
            }
            return Task.FromResult(true);
        }
    }

    public virtual Task TrimAsync(long below, CancellationToken cancel)
    {
        lock (_gate)
            TrimTo(Math.Min(below - 1, Head.Position - 1));
        return Task.CompletedTask;
    }

    public virtual Task RemoveAsync(IReadOnlyList<MemberRow> members, CancellationToken cancel)
    {
        lock (_gate)
            foreach (var member in members)
                if (_rows.TryGetValue(member.Key, out var known) && known.Beat == member.Beat)
                    _rows.Remove(member.Key);
        return Task.CompletedTask;
    }

    public virtual Task<bool?> ForgetAsync(MemberRow member, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_rows.TryGetValue(member.Key, out var known) && known.Beat != member.Beat)
                return Task.FromResult<bool?>(false);
            _rows[member.Key] = member.Gone();
            _forgotten.Add(member.Key);
            return Task.FromResult<bool?>(true);
        }
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Behind the last place; called under the gate.</summary>
    protected virtual Cursor Next(PurgeRecord record) => Head.Next(record.Id);

    /// <summary>False: it could not be kept, and has not happened. Called under the gate.</summary>
    protected virtual bool TryKeep(IReadOnlyList<LogEntry> entries) => true;

    protected virtual bool IsOn(Cursor cursor)
    {
        if (cursor == _base)
            return true;
        var i = cursor.Position - _base.Position - 1;
        return i >= 0 && i < _entries.Count && _entries[(int)i].At == cursor;
    }

    /// <summary>Runs it alone.</summary>
    protected void Locked(Action action)
    {
        lock (_gate)
            action();
    }

    private MembersAnswer Read() => new(_id, Session, [.. _rows.Values], TellsSession);

    protected void Ring(LogEntry entry) => Bell?.Invoke(entry);

    protected void Add(LogEntry entry)
    {
        _entries.Add(entry);
        _size += entry.Record.Size;
        if (_entries.Count > 2 * most)
            TrimTo(_entries[^most].At.Position - 1);
        if (_size <= 2 * MostBytes)
            return;
        var (lowest, size) = (_entries.Count - 1, entry.Record.Size); // the head stays
        while (lowest > 0 && (size += _entries[lowest - 1].Record.Size) <= MostBytes)
            lowest--;
        TrimTo(_entries[lowest].At.Position - 1);
    }

    private bool EnsureMade()
    {
        if (_id != 0)
            return false;
        _id = PurgeRecord.NewId();
        return true;
    }

    private void TrimTo(long position)
    {
        var count = (int)Math.Clamp(position - _base.Position, 0, _entries.Count);
        if (count == 0)
            return;
        _base = _entries[count - 1].At;
        _size -= _entries.Take(count).Sum(entry => entry.Record.Size);
        _entries.RemoveRange(0, count);
    }
}
