namespace DistCache.LoadTests.Hits.Servers;

/// <summary>Without TLS, as Debian has it.</summary>
internal sealed class Varnish : Server
{
    public override string Name => "varnish";

    public override string? Missing => Lacks("varnishd") ?? Lacks("gcc");

    public override bool SpeaksTls => false;

    public override ServerProcess Start(Site site)
    {
        var file = Write(site, "default.vcl", $$"""
            vcl 4.1;
            backend default { .host = "127.0.0.1"; .port = "{{site.OriginPort}}"; .max_connections = 1000; }
            """);
        return ServerProcess.Start(site.Folder, Tool.Find("varnishd")!,
            ["-F", "-j", "none", "-n", Path.Combine(site.Folder, "v"), "-f", file, "-s", "malloc,1G", "-t", "3600", "-a", $"http=127.0.0.1:{site.Port},HTTP", "-p", "thread_pool_min=100", "-p", "timeout_idle=120"]);
    }
}
