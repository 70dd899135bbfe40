using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DistCache.Fleet.Logs;

/// <summary>What a <see cref="RecordFile"/> asks of the disk. Each call throws where the system reports an error; tests let it do so.</summary>
internal class Disk
{
    private const int ReadOnlyAndNotInherited = 0x80000; // O_RDONLY | O_CLOEXEC

    public virtual SafeFileHandle Open(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public virtual void SetLength(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    public virtual void Sync(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>A new name is on the disk only then. .NET opens no directories; other systems than Linux have no need of it, or no way.</summary>
    public virtual void SyncDirectory(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var directory = new SafeFileHandle(open(path, ReadOnlyAndNotInherited), ownsHandle: true);
        if (directory.IsInvalid || fsync(directory) != 0)
            throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(SafeFileHandle file);
}
