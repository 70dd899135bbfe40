namespace DistCache.Edge.Configuration;

/// <summary>
/// What the configuration's files hold at one moment. Read and compared, not watched: that sees Kubernetes' swapped symbolic links and
/// network mounts too, and needs no inotify instance.
/// </summary>
internal sealed class FileContents
{
    private FileContents(IReadOnlyList<ReadFile> files) => Files = files;

    /// <param name="Where">The argument that named it, or its own path.</param>
    /// <param name="Content">Null: it cannot be read, <paramref name="Problem"/> says why.</param>
    public sealed record ReadFile(string Path, string Where, byte[]? Content, string Problem);

    public IReadOnlyList<ReadFile> Files { get; }

    public static FileContents Read(IEnumerable<(string Path, string Where)> files) => new([.. files.Select(file => Read(file.Path, file.Where))]);

    public bool IsSameAs(FileContents other) =>
        Files.Count == other.Files.Count && Files.Zip(other.Files).All(pair => IsSame(pair.First, pair.Second));

    private static bool IsSame(ReadFile a, ReadFile b) =>
        a.Path == b.Path && a.Content is null == b.Content is null && a.Problem == b.Problem && a.Content.AsSpan().SequenceEqual(b.Content);

    private static ReadFile Read(string path, string where)
    {
        try
        {
            return new(path, where, File.ReadAllBytes(path), "");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(path, where, null, $"'{path}' does not exist");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(path, where, null, $"'{path}' cannot be read");
        }
    }
}
