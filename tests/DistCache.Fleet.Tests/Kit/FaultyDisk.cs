using DistCache.Fleet.Logs;
using Microsoft.Win32.SafeHandles;

namespace DistCache.Fleet.Tests.Kit;

/// <summary>The real disk, until it is told otherwise; it counts what it is asked.</summary>
internal sealed class FaultyDisk : Disk
{
    /// <summary>Bytes that it still takes; of a write that does not fit it takes the first.</summary>
    public long Space { get; set; } = long.MaxValue;

    public bool FailsToSync { get; set; }

    public bool FailsToSyncDirectories { get; set; }

    /// <summary>False: it does not wait for the device, so that many files cost no time.</summary>
    public bool Waits { get; init; } = true;

    /// <summary>In order: "open", "write", "cut", "sync", "rename", "sync folder".</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Handles on which a sync has failed and that were used afterwards: there must be none.</summary>
    public int UsedAfterFailure { get; private set; }

    private readonly HashSet<SafeFileHandle> _failed = [];

    public override SafeFileHandle Open(string path, FileMode mode)
    {
        Asked.Add("open");
        return base.Open(path, mode);
    }

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        Ask("write", file);
        var taken = (int)Math.Min(bytes.Length, Space);
        base.Write(file, bytes[..taken], offset);
        Space -= taken;
        if (taken < bytes.Length)
            throw new IOException("No space left on device");
    }

    public override void SetLength(SafeFileHandle file, long length)
    {
        Ask("cut", file);
        base.SetLength(file, length);
    }

    public override void Sync(SafeFileHandle file)
    {
        Ask("sync", file);
        if (FailsToSync)
        {
            _failed.Add(file);
            throw new IOException("Input/output error");
        }
        if (Waits)
            base.Sync(file);
    }

    public override void Rename(string from, string to)
    {
        Asked.Add("rename");
        base.Rename(from, to);
    }

    public override void SyncDirectory(string path)
    {
        Asked.Add("sync folder");
        if (FailsToSyncDirectories)
            throw new IOException("Input/output error");
        if (Waits)
            base.SyncDirectory(path);
    }

    private void Ask(string what, SafeFileHandle file)
    {
        Asked.Add(what);
        if (_failed.Contains(file))
            UsedAfterFailure++;
    }
}
