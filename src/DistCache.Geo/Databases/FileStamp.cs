namespace DistCache.Geo.Databases;

/// <summary>By what a file is known to have changed.</summary>
internal readonly record struct FileStamp(long Length, DateTime WrittenAt, DateTime CreatedAt)
{
    /// <summary>Null: there is no such file, or it cannot be looked at.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists ? new(file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
