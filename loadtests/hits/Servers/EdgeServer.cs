namespace DistCache.LoadTests.Hits.Servers;

/// <summary>This project's, published; with its defaults, or with one of its ways with sockets turned off.</summary>
/// <param name="off">The environment variable that is "0".</param>
internal sealed class EdgeServer(string name, string? off = null) : Server
{
    private static readonly string Output = Path.Combine(Path.GetTempPath(), "distcache-loadtests-edge");

    public override string Name => name;

    public override string? Missing => null;

    public override bool Waits(SlowMisses forWhat) => true;

    public override void Prepare(string repository)
    {
        if (off is null || !File.Exists(Path.Combine(Output, "DistCache.Edge")))
            Tool.Run("dotnet", "publish", Path.Combine(repository, "src/DistCache.Edge"), "-c", "Release", "-o", Output, "-v", "quiet", "--nologo");
    }

    public override ServerProcess Start(Site site) => ServerProcess.Start(
        site.Folder, Path.Combine(Output, "DistCache.Edge"),
        ["--origin", $"http://127.0.0.1:{site.OriginPort}", "--listen", $"http://127.0.0.1:{site.Port}", "--listen", $"https://127.0.0.1:{site.TlsPort}", "--admin", "http://127.0.0.1:0", "--memory", "4GiB"],
        environment: new Dictionary<string, string?>
        {
            ["DistCache__Node__Id"] = site.Shared is null ? null : name,
            ["DistCache__Shared__Redis"] = site.Shared,
            ["DistCache__Shared__Budget"] = site.Shared is null ? null : "2s",
            ["Kestrel__Certificates__Default__Path"] = site.Certificate,
            ["Kestrel__Certificates__Default__KeyPath"] = site.Key,
            [off ?? "DISTCACHE_POLL_SOCKETS"] = off is null ? "1" : "0",
        });
}
