using System.Globalization;
using DistCache.Fleet.Logs;

namespace DistCache.Fleet.Following;

/// <summary>
/// The journal in a file. It is not synchronised with the disk: it must outlive a process that is killed (F11); a machine that lost its power
/// may have lost its end, and then the log is asked for it.
/// </summary>
public sealed class FileJournal : IJournal, IDisposable
{
    private readonly RecordFile _file;
    private readonly int _most;
    private readonly long _mostBytes;
    private RecordScan? _found;
    private (ulong Log, Cursor Start)? _unbegun;
    private long _shortenFrom;
    private long _shortenFromBytes;

    /// <param name="path">Made if it is missing, with its folder; beside it lies <c>path.lock</c>.</param>
    /// <param name="most">Records that are kept, 64 MiB of them at most; the file may hold twice as many.</param>
    /// <param name="run">Of this run, for the next one; it lies beside in <c>path.run</c>.</param>
    /// <exception cref="IOException">Another process holds it.</exception>
    public FileJournal(string path, ulong run, int most = Follower.Remembered) : this(path, run, most, new())
    {
    }

    internal FileJournal(string path, ulong run, int most, Disk disk, long mostBytes = Follower.RememberedBytes)
    {
        (_most, _mostBytes, _shortenFrom, _shortenFromBytes) = (most, mostBytes, 2L * most, 2 * mostBytes);
        _file = new(path, RecordKind.Journal, syncs: false, disk);
        try
        {
            _found = _file.Load();
            LastRun = Exchange(path + ".run", run);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The run that had this journal before, and is dead, for this one holds the lock; 0: not known.</summary>
    public ulong LastRun { get; }

    /// <summary>Why there is nothing to read although there is a file, or why it cannot be written, for people; null: all is well.</summary>
    public string? Trouble => _file.Trouble;

    /// <summary>What was cut off the file when it was opened, for people; null: nothing.</summary>
    public string? Torn => _file.Torn;

    public IJournal.Kept? Read() =>
        _unbegun is null && (_found ?? _file.Load()) is { } found ? new(found.Log, found.Start, found.Entries) : null;

    public bool TryBegin(ulong log, Cursor start)
    {
        _found = null;
        // Until it is written, nothing that belongs behind it may go into the old one.
        _unbegun = (log, start);
        if (!_file.TryReplace(log, start, []))
            return false;
        (_unbegun, _shortenFrom, _shortenFromBytes) = (null, 2L * _most, 2 * _mostBytes);
        return true;
    }

    public bool TryKeep(IReadOnlyList<LogEntry> entries)
    {
        _found = null;
        if (_unbegun is { } begin && !TryBegin(begin.Log, begin.Start))
            return false;
        if (entries.Count == 0)
            return true;
        if (_file.Frames >= _shortenFrom || _file.Length >= _shortenFromBytes)
            Shorten();
        return _file.TryAppend(entries) || (_file.IsLost && TryBeginAt(entries));
    }

    public void Dispose() => _file.Dispose();

    private static ulong Exchange(string path, ulong run)
    {
        try
        {
            var last = File.Exists(path) && ulong.TryParse(File.ReadAllText(path), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var known) ? known : 0;
            File.WriteAllText(path, run.ToString("x16", CultureInfo.InvariantCulture));
            return last;
        }
        catch (IOException)
        {
            return 0; // a full disk: the row of the run before is waited for, as of any that has died
        }
    }

    private void Shorten()
    {
        try
        {
            if (_file.Load() is { } all)
            {
                var (first, bytes) = (all.Entries.Count, 0L);
                while (first > 0 && all.Entries.Count - first < _most && (bytes += all.Entries[first - 1].Record.Size) <= _mostBytes)
                    first--;
                _file.TryReplace(all.Log, first == 0 ? all.Start : all.Entries[first - 1].At, [.. all.Entries.Skip(first)]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It cannot be read just now: it stays long, and the append says what is wrong with it.
        }
        (_shortenFrom, _shortenFromBytes) = (_file.Frames + _most, _file.Length + _mostBytes); // where it failed: not with each record
    }

    /// <summary>The file went away: what stood in it is forgotten, as by a node that is new.</summary>
    private bool TryBeginAt(IReadOnlyList<LogEntry> entries) =>
        _file.Log != 0 && _file.TryReplace(_file.Log, new(entries[0].At.Position - 1, 0), entries);
}
