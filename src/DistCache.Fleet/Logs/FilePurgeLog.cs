using System.Security.Cryptography;

namespace DistCache.Fleet.Logs;

/// <summary>
/// The log of a node that is alone, in a file: a purge is on the disk before it is acknowledged (promise P2). Where that fails it has not
/// happened, and null is the answer; reads go on from memory, and appends as soon as the disk takes them again.
/// </summary>
public sealed class FilePurgeLog : MemoryPurgeLog
{
    /// <summary>Fewer records than these are never worth a new file.</summary>
    private const int FewRecords = 100;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly RecordFile _file;
    private readonly int _most;
    private long _replaceFrom;

    /// <param name="path">Made if it is missing, with its folder; beside it lies <c>path.lock</c>.</param>
    /// <param name="most">As in <see cref="MemoryPurgeLog"/>; the file may hold twice as many.</param>
    /// <exception cref="InvalidDataException">The file is damaged otherwise than by a crash while its last record was written.</exception>
    /// <exception cref="IOException">Another process holds it, or it cannot be made.</exception>
    public FilePurgeLog(string path, TimeProvider time, int most = Most) : this(path, time, most, new())
    {
    }

    internal FilePurgeLog(string path, TimeProvider time, int most, Disk disk) : base(time, most)
    {
        _most = most;
        _file = new(path, RecordKind.PurgeLog, syncs: true, disk);
        Session = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))); // the members' rows are in memory alone
        try
        {
            Load();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Why appends fail, for people; null: they do not.</summary>
    public string? Trouble => _file.Trouble;

    /// <summary>What was cut off the file when it was opened, for people: unless the disk has damaged it, a record that nobody was told of; null: nothing.</summary>
    public string? Torn => _file.Torn;

    public override async Task<LogEntry?> AppendAsync(PurgeRecord record, long after, CancellationToken cancel)
    {
        // The disk may take its time: one thread waits for it, not one for each purge.
        await _turn.WaitAsync(cancel);
        try
        {
            return await Task.Run(() => base.AppendAsync(record, after, CancellationToken.None), CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override ValueTask DisposeAsync()
    {
        Locked(_file.Dispose);
        return base.DisposeAsync();
    }

    protected override bool TryKeep(IReadOnlyList<LogEntry> entries)
    {
        var forgotten = Base.Position - _file.Start.Position;
        if (forgotten > Math.Max(Entries.Count, FewRecords) && Head.Position >= _replaceFrom)
        {
            if (TryReplaceWith(entries))
                return true;
            _replaceFrom = Head.Position + _most; // no space for two, perhaps: the old one will do
        }
        return _file.TryAppend(entries) || (_file.IsLost && TryReplaceWith(entries));
    }

    private bool TryReplaceWith(IReadOnlyList<LogEntry> entries) => _file.TryReplace(Id, Base, [.. Entries, .. entries]);

    private void Load()
    {
        if (_file.Load() is { } found)
        {
            (Id, Base) = (found.Log, found.Start);
            foreach (var entry in found.Entries)
                Add(entry);
            return;
        }
        if (_file.Trouble is { } damage)
            throw new InvalidDataException($"{damage} Purges that were acknowledged may be lost in it. Restore the file from a copy; or move it away to begin a new log, which forgets them all: then empty what may hold purged responses.");
        Id = PurgeRecord.NewId();
        if (!TryReplaceWith([]))
            throw new IOException(_file.Trouble);
    }
}
