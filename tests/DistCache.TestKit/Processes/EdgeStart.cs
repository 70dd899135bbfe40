namespace DistCache.TestKit;

/// <summary>How an edge is started. Name an origin, a configuration, or both.</summary>
public sealed record EdgeStart
{
    /// <summary><c>--origin</c>: one catch-all route.</summary>
    public Uri? Origin { get; init; }

    /// <summary><c>--preset</c>: <c>safe</c> or <c>rfc9111</c>; null leaves the program's default.</summary>
    public string? Preset { get; init; }

    /// <summary><c>--memory</c>, for instance <c>64MiB</c>; null leaves the program's default.</summary>
    public string? Memory { get; init; }

    /// <summary>JSON, written to a file and named by <c>--config</c>.</summary>
    public string? Configuration { get; init; }

    /// <summary>A second data port with TLS, where HTTP/2 is spoken (without TLS there is no ALPN to choose it by).</summary>
    public bool Tls { get; init; }

    /// <summary>Null: a free one.</summary>
    public int? Port { get; init; }

    /// <summary>Null: a free one.</summary>
    public int? AdminPort { get; init; }

    /// <summary>Added to the environment.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Added to the command line.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    internal IEnumerable<string> CommandLine(int port, int tlsPort, int adminPort, TemporaryFolder folder)
    {
        List<string> line = ["--listen", $"http://127.0.0.1:{port}", "--admin", $"http://127.0.0.1:{adminPort}"];
        if (Tls)
            line.AddRange(["--listen", $"https://127.0.0.1:{tlsPort}"]);
        if (Origin is not null)
            line.AddRange(["--origin", Origin.ToString()]);
        if (Preset is not null)
            line.AddRange(["--preset", Preset]);
        if (Memory is not null)
            line.AddRange(["--memory", Memory]);
        if (Configuration is not null)
            line.AddRange(["--config", folder.Write("edge.json", Configuration)]);
        return [.. line, .. Arguments];
    }

    internal IReadOnlyDictionary<string, string?> Variables(TemporaryFolder folder)
    {
        var variables = new Dictionary<string, string?>(Environment);
        variables.TryAdd("STATE_DIRECTORY", folder.Path); // its journal: edges of another run may have the same names
        if (Tls)
        {
            var path = Path.Combine(folder.Path, "edge.pfx");
            File.WriteAllBytes(path, TestCertificate.Pfx());
            variables["Kestrel__Certificates__Default__Path"] = path;
        }

        return variables;
    }
}
