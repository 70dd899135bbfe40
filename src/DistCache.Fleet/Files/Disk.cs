namespace DistCache.Fleet.Files;

/// <summary>What the files of this room ask of the disk; a test's disk fails where it is told to. Throws <see cref="IOException"/> as the disk does.</summary>
internal class Disk
{
    public static readonly Disk Real = new();

    /// <summary>Nobody else may have it open: a second process with the same file is a mistake that must be told.</summary>
    public virtual FileStream OpenAlone(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
    }

    public virtual void Write(FileStream file, ReadOnlySpan<byte> bytes) => file.Write(bytes);

    /// <summary>Down to the platter (fsync).</summary>
    public virtual void Sync(FileStream file) => file.Flush(flushToDisk: true);
}
