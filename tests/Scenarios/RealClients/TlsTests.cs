using System.Text.Json;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.RealClients;

/// <summary>curl against https endpoints of Kestrel's own section. It checks certificates: each host has to be shown its own.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task Each_host_is_shown_its_own_certificate_on_HTTP1_and_HTTP2_and_a_host_without_one_gets_none()
    {
        await using var origin = ScriptOrigin.Start();
        origin.Others.Answer(Answers.Ok("page", "Cache-Control: max-age=60"));
        using var folder = new TemporaryFolder();
        var (public1, private1) = (Ports.Free(), Ports.Free());
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Origin = origin.Url,
            Configuration = JsonSerializer.Serialize(new
            {
                Kestrel = new
                {
                    Endpoints = new
                    {
                        Public = new
                        {
                            Url = $"https://127.0.0.1:{public1}",
                            Sni = new Dictionary<string, object>
                            {
                                ["shop.example"] = new { Certificate = Certificate(folder, "shop.example") },
                                ["*.blog.example"] = new { Certificate = Certificate(folder, "*.blog.example") },
                            },
                        },
                        Old = new { Url = $"https://127.0.0.1:{private1}", Protocols = "Http1", SslProtocols = new[] { "Tls12" }, Certificate = Certificate(folder, "old.example") },
                    },
                },
            }),
        });

        foreach (var (host, port, file, version, spoken) in new[]
                 {
                     ("shop.example", public1, "shop.example", "--http2", "2 200"), ("shop.example", public1, "shop.example", "--http1.1", "1.1 200"),
                     ("a.blog.example", public1, "_.blog.example", "--http2", "2 200"), ("old.example", private1, "old.example", "--http2", "1.1 200"),
                 })
            Assert.Equal($"page{spoken}", (await AskAsync(host, port, Path.Combine(folder.Path, file + ".pem"), version)).Output.Trim());

        // A certificate of another host would be 60; no certificate at all ends the handshake: 35 or 56.
        Assert.Contains((await AskAsync("other.example", public1, Path.Combine(folder.Path, "shop.example.pem"), "--http2")).Code, new[] { 35, 56 });
        Assert.Equal(35, (await AskAsync("old.example", private1, Path.Combine(folder.Path, "old.example.pem"), "--http1.1", "--tlsv1.3")).Code);
        Assert.Equal("page1.1 200", (await AskAsync("shop.example", public1, Path.Combine(folder.Path, "shop.example.pem"), "--http1.1")).Output.Trim());
    }

    private static async Task<(int Code, string Output)> AskAsync(string host, int port, string authority, params string[] more)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "curl is not installed.");
        await using var curl = ChildProcess.Start("/usr/bin/curl",
            ["-s", "--cacert", authority, "--resolve", $"{host}:{port}:127.0.0.1", "--write-out", "%{http_version} %{http_code}", .. more, $"https://{host}:{port}/page"]);
        return (await curl.WaitForExitAsync(TimeSpan.FromSeconds(30)), curl.Output);
    }

    private static object Certificate(TemporaryFolder folder, string host)
    {
        var (certificate, key) = TestCertificate.Pem(host, TimeSpan.FromDays(-1), TimeSpan.FromDays(30));
        var name = host.Replace('*', '_');
        return new { Path = folder.Write(name + ".pem", certificate), KeyPath = folder.Write(name + ".key", key) };
    }
}
