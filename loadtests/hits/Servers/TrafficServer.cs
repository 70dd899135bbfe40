namespace DistCache.LoadTests.Hits.Servers;

/// <summary>It sets the affinity of its own threads, so its CPU counts but it may use both cores.</summary>
internal sealed class TrafficServer : Server
{
    public override string Name => "trafficserver";

    public override string? Missing => Lacks("traffic_server") ?? Lacks("traffic_layout");

    public override ServerProcess Start(Site site)
    {
        var layout = Tool.Run("traffic_layout", "info").Split('\n').Select(line => line.Split(": ", 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim());
        foreach (var folder in (string[])["etc", "logs", "run", "cache"])
            Directory.CreateDirectory(Path.Combine(site.Folder, folder));
        foreach (var file in Directory.GetFiles(layout["SYSCONFDIR"]))
            File.Copy(file, Path.Combine(site.Folder, "etc", Path.GetFileName(file)), overwrite: true);
        var root = Write(site, "runroot.yaml", $"""
            prefix: {layout["PREFIX"]}
            exec_prefix: {layout["PREFIX"]}
            sysconfdir: {site.Folder}/etc
            localstatedir: {site.Folder}
            cachedir: {site.Folder}/cache
            runtimedir: {site.Folder}/run
            logdir: {site.Folder}/logs
            bindir: {layout["BINDIR"]}
            libexecdir: {layout["PLUGINDIR"]}
            """);
        Write(site, "etc/records.config", $"""
            CONFIG proxy.config.http.server_ports STRING {site.Port}:ip-in=127.0.0.1 {site.TlsPort}:ssl:ip-in=127.0.0.1
            CONFIG proxy.config.admin.user_id STRING #-1
            CONFIG proxy.config.log.logging_enabled INT 0
            CONFIG proxy.config.reverse_proxy.enabled INT 1
            CONFIG proxy.config.url_remap.remap_required INT 1
            CONFIG proxy.config.cache.ram_cache.size INT 1073741824
            CONFIG proxy.config.cache.ram_cache_cutoff INT 8388608
            CONFIG proxy.config.cache.enable_read_while_writer INT 1
            CONFIG proxy.config.http.keep_alive_no_activity_timeout_in INT 120
            CONFIG proxy.config.http.insert_response_via_str INT 0
            CONFIG proxy.config.ssl.server.cert.path STRING {site.Folder}/etc
            CONFIG proxy.config.ssl.server.private_key.path STRING {site.Folder}/etc
            CONFIG proxy.config.exec_thread.autoconfig.enabled INT 0
            CONFIG proxy.config.exec_thread.limit INT 1
            """);
        File.Copy(site.Certificate, Path.Combine(site.Folder, "etc/cert.pem"), overwrite: true);
        File.Copy(site.Key, Path.Combine(site.Folder, "etc/key.pem"), overwrite: true);
        Write(site, "etc/ssl_multicert.config", "dest_ip=* ssl_cert_name=cert.pem ssl_key_name=key.pem\n");
        Write(site, "etc/storage.config", $"{site.Folder}/cache 1G\n");
        Write(site, "etc/remap.config", $"map / http://127.0.0.1:{site.OriginPort}/\n");
        Write(site, "etc/plugin.config", "");
        return ServerProcess.Start(site.Folder, Tool.Find("traffic_server")!, [$"--run-root={root}"]);
    }
}
