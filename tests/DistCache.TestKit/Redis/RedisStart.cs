namespace DistCache.TestKit;

/// <summary>How a Redis server is started.</summary>
public sealed record RedisStart
{
    /// <summary>Null: a free one.</summary>
    public int? Port { get; init; }

    /// <summary>An append-only file, fsynced at every write: what was acknowledged survives kill -9 and a restart.</summary>
    public bool AppendOnly { get; init; }

    /// <summary>For instance <c>8mb</c>; null: no limit.</summary>
    public string? MaxMemory { get; init; }

    /// <summary>What happens at the limit: <c>noeviction</c>, <c>allkeys-lru</c>, <c>volatile-lru</c>, …</summary>
    public string MaxMemoryPolicy { get; init; } = "noeviction";

    public string? Password { get; init; }

    /// <summary>TLS only, with a certificate of the kit for localhost.</summary>
    public bool Tls { get; init; }

    /// <summary>It runs in there and listens at all of its addresses; null: here, at 127.0.0.1.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>Added to the command line: <c>["--cluster-enabled", "yes"]</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    internal IEnumerable<string> CommandLine(int port, TemporaryFolder folder)
    {
        List<string> line =
        [
            "--bind", Namespace is null ? "127.0.0.1" : "0.0.0.0", "--protected-mode", Namespace is null ? "yes" : "no", "--dir", folder.Path, "--save", "", "--daemonize", "no", "--appendfsync", "always",
            "--appendonly", AppendOnly ? "yes" : "no", "--maxmemory-policy", MaxMemoryPolicy,
        ];
        if (MaxMemory is not null)
            line.AddRange(["--maxmemory", MaxMemory]);
        if (Password is not null)
            line.AddRange(["--requirepass", Password, "--masterauth", Password]);
        line.AddRange(Tls ? [.. TlsLines(folder), "--port", "0", "--tls-port", $"{port}"] : ["--port", $"{port}"]);
        return [.. line, .. Arguments];
    }

    private static string[] TlsLines(TemporaryFolder folder)
    {
        var path = Path.Combine(folder.Path, "certificate.pem");
        if (!File.Exists(path)) // A server that comes back is the same one.
        {
            var (certificate, key) = TestCertificate.Pem("localhost", TimeSpan.FromDays(-1), TimeSpan.FromDays(30));
            folder.Write("certificate.pem", certificate);
            folder.Write("key.pem", key);
        }

        return
        [
            "--tls-cert-file", path, "--tls-key-file", Path.Combine(folder.Path, "key.pem"),
            "--tls-ca-cert-file", path, "--tls-auth-clients", "no",
        ];
    }
}
