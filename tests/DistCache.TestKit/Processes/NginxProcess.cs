namespace DistCache.TestKit;

/// <summary>Debian's nginx as an origin for static files: own configuration, own port, own folder, one process.</summary>
public sealed class NginxProcess : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly TemporaryFolder _folder = new();
    private readonly ChildProcess _process;

    private NginxProcess(string program, string root, string serverLines)
    {
        var configuration = _folder.Write("nginx.conf", $$"""
            daemon off;
            master_process off;
            worker_processes 1;
            pid {{_folder.Path}}/nginx.pid;
            error_log stderr warn;
            events { worker_connections 1024; }
            http {
                types { text/html html; text/css css; application/javascript js; image/svg+xml svg; }
                default_type application/octet-stream;
                log_format exact '$request_method $request_uri $status';
                access_log {{AccessLog}} exact;
                client_body_temp_path {{_folder.Path}}/body;
                proxy_temp_path {{_folder.Path}}/proxy;
                fastcgi_temp_path {{_folder.Path}}/fastcgi;
                uwsgi_temp_path {{_folder.Path}}/uwsgi;
                scgi_temp_path {{_folder.Path}}/scgi;
                server {
                    listen 127.0.0.1:{{Port}};
                    root "{{root}}";
                    {{serverLines}}
                }
            }
            """);
        _process = ChildProcess.Start(program, ["-p", _folder.Path, "-c", configuration]);
    }

    /// <summary>Where Debian puts it; null where it is not installed.</summary>
    public static string? Program { get; } = new[] { "/usr/sbin/nginx", "/usr/bin/nginx" }.FirstOrDefault(File.Exists);

    public int Port { get; } = Ports.Free();

    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>The requests so far, each as <c>GET /target 200</c>.</summary>
    public string[] Requests => [.. File.ReadAllLines(AccessLog).Where(line => !line.Contains(" /nginx-ready ", StringComparison.Ordinal))];

    private string AccessLog => Path.Combine(_folder.Path, "access.log");

    /// <param name="root">The folder that it serves.</param>
    /// <param name="serverLines">Directives for the server block, for instance <c>expires 1h;</c>.</param>
    public static async Task<NginxProcess> StartAsync(string root, string serverLines = "")
    {
        var nginx = new NginxProcess(Program ?? throw new FileNotFoundException("nginx is not installed."), root, serverLines);
        try
        {
            await nginx.WaitUntilReadyAsync();
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task WaitUntilReadyAsync()
    {
        for (var tries = 0; tries < 200; tries++)
        {
            try
            {
                using var answer = await Http.GetAsync(new Uri(Url, "/nginx-ready"));
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(25));
            }
        }

        throw new WireException($"nginx was not ready.\n{_process.Output}");
    }
}
