namespace DistCache.LoadTests.Hits.Servers;

internal sealed class HaProxy : Server
{
    public override string Name => "haproxy";

    public override string? Missing => Lacks("haproxy");

    // Its cache has no ranges, and wrk gets none of its 304s.
    public override bool Runs(Case test) => test.Wish == Wish.Whole || test.Wish == Wish.Head;

    public override ServerProcess Start(Site site)
    {
        var file = Write(site, "haproxy.cfg", $$"""
            global
              maxconn 8000
              nbthread 1
              tune.bufsize 32768
            defaults
              mode http
              no log
              timeout connect 5s
              timeout client 120s
              timeout server 60s
              http-reuse always
            cache hits
              total-max-size 512
              max-object-size 8388608
              max-age 3600
            frontend f
              bind 127.0.0.1:{{site.Port}}
              bind 127.0.0.1:{{site.TlsPort}} ssl crt {{site.Pem}} alpn h2,http/1.1
              filter cache hits
              http-request cache-use hits
              http-response cache-store hits
              default_backend o
            backend o
              server s 127.0.0.1:{{site.OriginPort}}
            """);
        return ServerProcess.Start(site.Folder, Tool.Find("haproxy")!, ["-db", "-f", file]);
    }
}
