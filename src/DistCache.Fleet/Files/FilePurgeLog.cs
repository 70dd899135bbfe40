using DistCache.Fleet.Logs;

namespace DistCache.Fleet.Files;

/// <summary>
/// The log of a node alone, in a file: a purge is answered once it is on the disk. While the disk takes nothing, appends are refused and reads
/// go on; a failed fsync is never tried again on the same bytes, the file is written anew first.
/// </summary>
public sealed class FilePurgeLog : MemoryPurgeLog
{
    private readonly EntryFile _file;
    private bool _isBroken;

    private FilePurgeLog(EntryFile file, TimeProvider time, int most)
        : base(time, most)
    {
        _file = file;
        if (file.Head is { } head)
        {
            (Id, Base) = (head.Log, head.Before);
            foreach (var entry in file.Entries)
                Add(entry);
            if (file.Entries.Count <= 2 * most)
                return;
        }
        else
        {
            Id = PurgeRecord.NewId();
        }
        file.Rewrite(Id, Base, Entries, sync: true);
    }

    /// <summary>The disk refused the last purge.</summary>
    public bool IsBroken => Volatile.Read(ref _isBroken);

    /// <summary>Throws <see cref="DamagedFileException"/>; <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> where it cannot be opened, or another process has it.</summary>
    public static FilePurgeLog Open(string path, TimeProvider time) => Open(path, time, Disk.Real);

    internal static FilePurgeLog Open(string path, TimeProvider time, Disk disk, int most = Most) => new(EntryFile.Open(path, disk), time, most);

    public override ValueTask DisposeAsync()
    {
        _file.Dispose();
        return base.DisposeAsync();
    }

    protected override bool TryKeep(IReadOnlyList<LogEntry> entries)
    {
        try
        {
            if (_isBroken)
                _file.Rewrite(Id, Base, Entries, sync: true);
            Volatile.Write(ref _isBroken, true); // until it is known to be written
            _file.Append(entries, sync: true);
            Volatile.Write(ref _isBroken, false);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Volatile.Write(ref _isBroken, true);
            return false;
        }
    }
}
