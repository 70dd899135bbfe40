using Microsoft.Win32.SafeHandles;

namespace DistCache.Fleet.Logs;

/// <summary>
/// A file of purge records that one process holds. Appends go to its end; all else is a new file that takes its name. One caller at a time.
/// </summary>
/// <remarks>
/// After an error nobody knows which of the bytes are on the disk, and the system reports it once: a second fsync that succeeds says nothing
/// about them ("fsyncgate"). So the handle is given up, and before the next append the file is opened again, what was acknowledged is read and
/// checked, and what lies behind it is cut off.
/// </remarks>
internal sealed class RecordFile : IDisposable
{
    private const int WriteSize = 1 << 18;

    private readonly string _path;
    private readonly RecordKind _kind;
    private readonly bool _syncs;
    private readonly Disk _disk;
    private readonly FileStream _lock;
    private SafeFileHandle? _file;
    private ulong _salt;
    private long _length;
    private bool _isGone;

    /// <param name="syncs">An append is on the disk before it is answered. Otherwise it survives the process, not the machine.</param>
    /// <exception cref="IOException">Another process holds it.</exception>
    public RecordFile(string path, RecordKind kind, bool syncs, Disk disk)
    {
        (_path, _kind, _syncs, _disk) = (Path.GetFullPath(path), kind, syncs, disk);
        Directory.CreateDirectory(Folder);
        var name = _path + ".lock"; // a file of its own: the other one is replaced by new ones
        try
        {
            _lock = new(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"{_path} cannot be locked: {e.Message} Two processes never share it: stop the other one, or give each its own file.", e);
        }
    }

    /// <summary>Why the last write failed, or the file was not believed; null: all is well.</summary>
    public string? Trouble { get; private set; }

    /// <summary>What <see cref="Load"/> has cut off; null: nothing.</summary>
    public string? Torn { get; private set; }

    /// <summary>Records in it, those that were replaced too.</summary>
    public int Frames { get; private set; }

    /// <summary>Bytes of it.</summary>
    public long Length => _length;

    public ulong Log { get; private set; }

    public Cursor Start { get; private set; }

    /// <summary>What was acknowledged is not in the file any more: only a new one helps.</summary>
    public bool IsLost { get; private set; }

    private string Folder => Path.GetDirectoryName(_path)!;

    private string NewPath => _path + ".new";

    /// <summary>Reads it whole. Null: there is none, or (then <see cref="Trouble"/> says so) it cannot be believed.</summary>
    public RecordScan? Load()
    {
        CloseFile();
        if (!File.Exists(_path))
            return null;
        var bytes = File.ReadAllBytes(_path);
        var scan = RecordScan.Of(_kind, bytes);
        if (scan.Damage is { } damage)
        {
            Trouble = $"{_path} {damage} (offset {scan.End}).";
            return null;
        }
        Holds(scan.Salt, scan.Log, scan.Start, scan.Frames, scan.End);
        Torn = scan.IsTorn ? $"{_path}: the last {bytes.Length - scan.End} bytes, from offset {scan.End} on, were not written in full and are dropped." : null;
        TryOpen(); // where it fails the next append tries again
        return scan;
    }

    /// <summary>False: nothing may be acknowledged. It may stand in the file all the same until that is opened again.</summary>
    public bool TryAppend(IReadOnlyList<LogEntry> entries)
    {
        if (_isGone || (_file is null && !TryOpen()))
            return false;
        try
        {
            var length = WriteAll(_file!, _salt, _length, entries);
            if (_syncs)
                _disk.Sync(_file!);
            Holds(_salt, Log, Start, Frames + entries.Count, length);
            Trouble = null;
            return true;
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            CloseFile();
            Trouble = $"{_path} cannot be written: {e.Message}";
            return false;
        }
    }

    /// <summary>A new file under its name, or the old one as it was.</summary>
    public bool TryReplace(ulong log, Cursor start, IReadOnlyList<LogEntry> entries)
    {
        if (_isGone)
            return false;
        CloseFile();
        var salt = PurgeRecord.NewId();
        SafeFileHandle? file = null;
        try
        {
            file = _disk.Open(NewPath, FileMode.Create);
            _disk.Write(file, RecordFormat.Head(_kind, salt, log, start), 0);
            var length = WriteAll(file, salt, RecordFormat.HeadLength, entries);
            if (_syncs)
                _disk.Sync(file);
            _disk.Rename(NewPath, _path);
            _length = 0; // if its name is lost again, neither the old one nor this one may be appended to
            if (_syncs)
                _disk.SyncDirectory(Folder);
            Holds(salt, log, start, entries.Count, length);
            (_file, Trouble, IsLost) = (file, null, false);
            return true;
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            file?.Dispose();
            Trouble = $"{_path} cannot be replaced: {e.Message}";
            TryDeleteNew();
            return false;
        }
    }

    public void Dispose()
    {
        _isGone = true;
        CloseFile();
        _lock.Dispose();
    }

    /// <summary>Opens it and checks that all that was acknowledged is there, and nothing behind it.</summary>
    private bool TryOpen()
    {
        SafeFileHandle? file = null;
        IsLost = _length == 0 || !File.Exists(_path);
        if (IsLost)
            return false;
        try
        {
            file = _disk.Open(_path, FileMode.Open);
            var bytes = File.ReadAllBytes(_path);
            IsLost = !HoldsAll(bytes);
            if (IsLost)
                throw new IOException("What was written to it is not there any more.");
            if (bytes.Length > _length)
                _disk.SetLength(file, _length);
            if (_syncs)
            {
                _disk.Sync(file);
                _disk.SyncDirectory(Folder);
            }
            _file = file;
            return true;
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            file?.Dispose();
            Trouble = $"{_path} cannot be opened again: {e.Message}";
            return false;
        }
    }

    private bool HoldsAll(byte[] bytes) => bytes.Length >= _length
        && RecordScan.Of(_kind, bytes.AsSpan(0, (int)_length)) is { Damage: null, IsTorn: false } scan && scan.Salt == _salt && scan.Frames == Frames;

    /// <returns>Offset behind them.</returns>
    private long WriteAll(SafeFileHandle file, ulong salt, long offset, IReadOnlyList<LogEntry> entries)
    {
        using var pending = new MemoryStream();
        foreach (var entry in entries)
        {
            pending.Write(RecordFormat.Record(salt, offset + pending.Length, entry));
            if (pending.Length >= WriteSize)
                WritePending();
        }
        WritePending();
        return offset;

        void WritePending()
        {
            if (pending.Length == 0)
                return;
            _disk.Write(file, pending.GetBuffer().AsSpan(0, (int)pending.Length), offset);
            offset += pending.Length;
            pending.SetLength(0);
        }
    }

    private void Holds(ulong salt, ulong log, Cursor start, int frames, long length) =>
        (_salt, Log, Start, Frames, _length) = (salt, log, start, frames, length);

    private void CloseFile()
    {
        _file?.Dispose();
        _file = null;
    }

    private void TryDeleteNew()
    {
        try
        {
            File.Delete(NewPath); // it may hold the space that the old one needs
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // The next one is written over it.
        }
    }

    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException;
}
