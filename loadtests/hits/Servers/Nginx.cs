namespace DistCache.LoadTests.Hits.Servers;

internal sealed class Nginx : Server
{
    public override string Name => "nginx";

    public override string? Missing => Lacks("nginx");

    // Its fills wait for its disk, some of them longer than the client does.
    public override bool Runs(Case test) => test.Kind is not CaseKind.Fill;

    public override ServerProcess Start(Site site)
    {
        // An open_file_cache larger than the limit of open files stalls it.
        var file = Write(site, "nginx.conf", $$"""
            user root;
            worker_processes 1;
            worker_rlimit_nofile 20000;
            daemon off;
            pid {{site.Folder}}/nginx.pid;
            error_log {{site.Folder}}/error.log crit;
            events { worker_connections 8192; multi_accept on; }
            http {
              access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; server_tokens off;
              keepalive_timeout 120s; keepalive_requests 100000000;
              open_file_cache max=15000 inactive=300s; open_file_cache_valid 300s; open_file_cache_min_uses 1;
              proxy_temp_path {{site.Folder}}/p; client_body_temp_path {{site.Folder}}/b; fastcgi_temp_path {{site.Folder}}/f; uwsgi_temp_path {{site.Folder}}/u; scgi_temp_path {{site.Folder}}/s;
              proxy_cache_path {{site.Folder}}/cache levels=1:2 keys_zone=c:64m max_size=4g inactive=2h use_temp_path=off;
              ssl_certificate {{site.Certificate}}; ssl_certificate_key {{site.Key}}; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:s:10m;
              upstream origin { server 127.0.0.1:{{site.OriginPort}}; keepalive 256; }
              server {
                listen 127.0.0.1:{{site.Port}} backlog=4096;
                listen 127.0.0.1:{{site.TlsPort}} ssl http2 backlog=4096;
                location / {
                  proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffers 16 16k; proxy_buffer_size 16k;
                  proxy_cache c; proxy_cache_lock on; proxy_cache_revalidate on; proxy_force_ranges on;
                }
              }
            }
            """);
        return ServerProcess.Start(site.Folder, Tool.Find("nginx")!, ["-p", site.Folder, "-c", file, "-e", Path.Combine(site.Folder, "error.log")]);
    }
}
