using System.Globalization;

namespace DistCache.LoadTests.Soak;

/// <summary>The real edge, published, on a configuration file that reloads rewrite.</summary>
internal sealed class Edge(string folder, int originPort, int port)
{
    private static readonly string Output = Path.Combine(Path.GetTempPath(), "distcache-soak-edge");

    private string File => Path.Combine(folder, "soak.json");

    public Uri Url { get; } = new($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}/");

    public static void Publish(string repository) =>
        Tool.Run("dotnet", "publish", Path.Combine(repository, "src/DistCache.Edge"), "-c", "Release", "-o", Output, "-v", "quiet", "--nologo");

    public async Task<ServerProcess> StartAsync(int mib, bool isChecked)
    {
        Configure(mib, staleSeconds: 1);
        var process = ServerProcess.Start(folder, Path.Combine(Output, "DistCache.Edge"),
            ["--config", File, "--listen", Url.ToString().TrimEnd('/'), "--admin", "http://127.0.0.1:0"],
            environment: new Dictionary<string, string?> { ["DISTCACHE_CHECKED_MEMORY"] = isChecked ? "1" : "0" });
        await process.WaitAsync(new(Url, "/0"));
        return process;
    }

    /// <summary>Another file, put in the place of the old one whole: the edge takes it within two seconds.</summary>
    public void Configure(int mib, int staleSeconds)
    {
        var next = File + ".next";
        System.IO.File.WriteAllText(next, $$"""
            {
              "ReverseProxy": {
                "Routes": { "all": { "ClusterId": "origin", "Match": { "Path": "/{**rest}" }, "OutputCachePolicy": "soak" } },
                "Clusters": { "origin": { "Destinations": { "one": { "Address": "http://127.0.0.1:{{originPort}}/" } } } }
              },
              "DistCache": {
                "Memory": { "Capacity": "{{mib}}MiB" },
                "Policies": { "soak": { "Preset": "rfc9111", "StaleWhileRevalidate": "{{staleSeconds}}s" } }
              }
            }
            """);
        System.IO.File.Move(next, File, overwrite: true);
    }
}
