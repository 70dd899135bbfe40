namespace DistCache.Edge.Certificates;

/// <summary>What a certificate's files hold at one moment. Compared by content, so that a swapped symbolic link is seen too.</summary>
/// <param name="Problem">The part of the section that cannot be read, and why; null: both could be.</param>
internal sealed record CertificateBytes(byte[] Certificate, byte[]? Key, (string Name, string What)? Problem)
{
    private static readonly CertificateBytes None = new([], null, null);

    /// <summary>Relative paths are relative to the program, as Kestrel reads them.</summary>
    public static CertificateBytes Read(CertificateSource source, string contentRoot)
    {
        if (source.Path is null)
            return None; // a store of the machine is asked when it is loaded
        var problem = default((string, string)?);
        var certificate = Read("Path", source.Path);
        var key = source.KeyPath is null ? null : Read("KeyPath", source.KeyPath);
        return new(certificate ?? [], key, problem);

        byte[]? Read(string name, string path)
        {
            path = Path.Combine(contentRoot, path);
            try
            {
                return File.ReadAllBytes(path);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                problem ??= (name, $"'{path}' does not exist");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                problem ??= (name, $"'{path}' cannot be read");
            }

            return null;
        }
    }

    public bool IsSameAs(CertificateBytes? other) =>
        other is not null && Problem == other.Problem && Certificate.AsSpan().SequenceEqual(other.Certificate) && Key.AsSpan().SequenceEqual(other.Key);
}
