using System.Net;

namespace DistCache.Geo.Databases;

/// <summary>
/// One database file, followed: a new one takes the place of the old between two look-ups, and none of them fails. What is missing, broken or
/// half written leaves the last good one in force and is told in <see cref="State"/>.
/// </summary>
public sealed class GeoDatabase : IDisposable
{
    /// <summary>Between two looks at the file. New content counts when two looks in a row agree, so that a file that is being copied is left alone.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Action<DatabaseState>? _changed;
    private readonly Lock _one = new();
    private volatile MmdbFile? _file;
    private volatile DatabaseState _state;
    private FileStamp? _seen;
    private FileStamp? _refused;
    private ITimer? _timer;
    private int _revision;
    private long _failures;
    private bool _isDisposed;

    /// <summary>Takes the file if it can be; never throws for what stands in it.</summary>
    /// <param name="changed">Told of each state that differs from the one before, on the thread that looked.</param>
    public GeoDatabase(string path, TimeProvider time, Action<DatabaseState>? changed = null)
    {
        (_path, _time, _changed) = (path, time, changed);
        _state = new(path);
        _seen = FileStamp.Of(path);
        Look();
    }

    public string Path => _path;

    public DatabaseState State => _state;

    /// <summary>Another number for each file in force.</summary>
    public int Revision => Volatile.Read(ref _revision);

    /// <summary>Look-ups that met a value that could not be read; of their addresses nothing was known.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>From here on changes are taken by themselves.</summary>
    public void Follow() => _timer ??= _time.CreateTimer(_ => Look(), null, Interval, Interval);

    /// <summary><paramref name="known"/> and what this database adds. Never throws, never blocks.</summary>
    public GeoLocation Find(IPAddress address, GeoLocation known = default)
    {
        while (_file is { } file)
        {
            if (!file.TryFind(address, ref known, out var hasFailed))
                continue; // retired since; another one is in force
            if (hasFailed)
                Interlocked.Increment(ref _failures);
            break;
        }
        return known;
    }

    /// <summary>Looks at the file now.</summary>
    public void Look()
    {
        lock (_one)
        {
            if (_isDisposed)
                return;
            var stamp = FileStamp.Of(_path);
            var isSettled = stamp == _seen;
            _seen = stamp;
            if (!isSettled)
                return;
            if (stamp is null)
                Tell(_state with { Problem = $"'{_path}' is missing; put it there." });
            else if (_file?.Stamp == stamp)
                Restore();
            else if (stamp != _refused)
                Take(stamp.Value);
        }
    }

    public void Dispose()
    {
        lock (_one)
        {
            _isDisposed = true;
            _timer?.Dispose();
            var file = _file;
            _file = null;
            file?.Retire();
        }
    }

    private void Take(FileStamp stamp)
    {
        var next = MmdbFile.Open(_path, stamp, out var problem);
        if (next is null)
        {
            _refused = stamp;
            Tell(_state with { Problem = $"'{_path}' {problem}. Bring a whole one: write it beside this one and rename it.", Refused = _state.Refused + 1 });
            return;
        }
        var last = _file;
        _file = next;
        _refused = null;
        Interlocked.Increment(ref _revision);
        last?.Retire();
        Tell(_state with { Type = next.Type, BuiltAt = next.BuiltAt, TakenAt = _time.GetUtcNow(), Problem = null, Taken = _state.Taken + 1 });
    }

    /// <summary>The file in force is back: a mistake was undone.</summary>
    private void Restore()
    {
        _refused = null;
        if (_state.Problem is not null)
            Tell(_state with { Problem = null });
    }

    private void Tell(DatabaseState state)
    {
        if (state == _state)
            return;
        _state = state;
        _changed?.Invoke(state);
    }
}
