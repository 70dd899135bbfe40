using System.Globalization;

namespace DistCache.LoadTests.Hits.Servers;

/// <summary>This project's, published; with its defaults, or with socket completions on the thread pool.</summary>
internal sealed class EdgeServer(bool inline = true) : Server
{
    private static readonly string Output = Path.Combine(Path.GetTempPath(), "distcache-loadtests-edge");

    public override string Name => inline ? "edge" : "edge-pool";

    public override string? Missing => null;

    public override void Prepare(string repository)
    {
        if (inline || !File.Exists(Path.Combine(Output, "DistCache.Edge")))
            Tool.Run("dotnet", "publish", Path.Combine(repository, "src/DistCache.Edge"), "-c", "Release", "-o", Output, "-v", "quiet", "--nologo");
    }

    public override ServerProcess Start(Site site) => ServerProcess.Start(
        site.Folder, Path.Combine(Output, "DistCache.Edge"),
        ["--origin", $"http://127.0.0.1:{site.OriginPort}", "--listen", $"http://127.0.0.1:{site.Port}", "--listen", $"https://127.0.0.1:{site.TlsPort}", "--admin", "http://127.0.0.1:0", "--memory", "1GiB"],
        environment: new Dictionary<string, string>
        {
            ["Kestrel__Certificates__Default__Path"] = site.Certificate,
            ["Kestrel__Certificates__Default__KeyPath"] = site.Key,
            ["DISTCACHE_INLINE_SOCKETS"] = Convert.ToInt32(inline).ToString(CultureInfo.InvariantCulture),
        });
}
