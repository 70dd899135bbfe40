using DistCache.Fleet.Logs;

namespace DistCache.Fleet.Files;

/// <summary>The file has bytes that cannot be read before others that can: more than a write that was cut off has happened to it.</summary>
public sealed class DamagedFileException(string path, long at) : IOException($"{path} is damaged at byte {at}, before entries that are whole. Put back a copy, or remove the file and purge everything.");

/// <summary>A file of entries, open for this process alone. A torn tail is cut off when it is opened.</summary>
internal sealed class EntryFile : IDisposable
{
    private readonly Disk _disk;
    private readonly FileStream _file;
    private long _end;

    private EntryFile(Disk disk, FileStream file) => (_disk, _file) = (disk, file);

    /// <summary>Null: the file is new, or its head is not readable.</summary>
    public (ulong Log, Cursor Before)? Head { get; private set; }

    /// <summary>What it held when it was opened.</summary>
    public IReadOnlyList<LogEntry> Entries { get; private set; } = [];

    /// <summary>Throws <see cref="DamagedFileException"/>, and <see cref="IOException"/> where it cannot be opened.</summary>
    public static EntryFile Open(string path, Disk disk)
    {
        var file = disk.OpenAlone(path);
        try
        {
            var opened = new EntryFile(disk, file);
            opened.Read(path);
            return opened;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>At the end. When it throws, nothing of it is there once <see cref="Rewrite"/> has mended the file.</summary>
    public void Append(IReadOnlyList<LogEntry> entries, bool sync)
    {
        _file.Position = _end;
        foreach (var entry in entries)
            _disk.Write(_file, EntryFormat.Frame(entry));
        if (sync)
            _disk.Sync(_file);
        _end = _file.Position;
    }

    /// <summary>All of it, new: what a failed write or sync left is not to be trusted, and not to be retried.</summary>
    public void Rewrite(ulong log, Cursor before, IReadOnlyList<LogEntry> entries, bool sync)
    {
        // In place, and cut first: a disk that is full takes no second copy. What stands in memory is the truth until it is written again.
        _file.SetLength(0);
        _end = 0;
        _file.Position = 0;
        _disk.Write(_file, EntryFormat.Head(log, before));
        Head = (log, before);
        foreach (var entry in entries)
            _disk.Write(_file, EntryFormat.Frame(entry));
        if (sync)
            _disk.Sync(_file);
        _end = _file.Position;
    }

    public void Dispose() => _file.Dispose();

    private void Read(string path)
    {
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        if (!EntryFormat.TryReadHead(bytes, out var log, out var before))
        {
            // Never longer than the head: the first write of all was cut off.
            if (HasFrame(bytes))
                throw new DamagedFileException(path, 0);
            return;
        }
        Head = (log, before);
        var entries = new List<LogEntry>();
        var at = EntryFormat.HeadLength;
        while (EntryFormat.ReadFrame(bytes.AsSpan(at), out var length) is { } entry)
        {
            entries.Add(entry);
            at += length;
        }
        if (at < bytes.Length && HasFrame(bytes.AsSpan(at)))
            throw new DamagedFileException(path, at);
        Entries = entries;
        _end = at;
        _file.SetLength(at);
    }

    private static bool HasFrame(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; bytes[at..].IndexOf(EntryFormat.FrameMark) is >= 0 and var mark; at += mark + 1)
            if (EntryFormat.ReadFrame(bytes[(at + mark)..], out _) is not null)
                return true;
        return false;
    }
}
