using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>F19: certificate files that are broken, expired, cut or for somebody else, swapped in while clients shake hands.</summary>
public sealed class BadCertificateTests : IDisposable
{
    private const string Host = "shop.example";
    private static readonly HttpClient Http = new();
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = Ports.Free();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task F19_a_bad_certificate_file_fails_no_handshake_and_a_good_one_is_served_soon()
    {
        await using var origin = ScriptOrigin.Start();
        Put(Make(30));
        await using var edge = await StartAsync(origin.Url);
        var first = await ThumbprintAsync();
        using var enough = new CancellationTokenSource();
        var seen = 0;
        var failures = new List<string>();
        var clients = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                try
                {
                    await ThumbprintAsync();
                    Interlocked.Increment(ref seen);
                }
                catch (Exception error) when (error is AuthenticationException or IOException or SocketException)
                {
                    lock (failures)
                        failures.Add(error.Message);
                }
            }
        })).ToArray();

        var good = Make(30);
        foreach (var (certificate, key) in Bad(good))
        {
            Put((certificate, key));
            edge.Process.Send(Signal.HangUp);
            await HealthAsync(edge, "yellow\ncertificates: Kestrel:Endpoints:Public:Sni:shop.example:Certificate:");
            Assert.Equal(first, await ThumbprintAsync());
        }

        Assert.Contains("distcache_certificate_last_reload_successful{", (await MetricsAsync(edge)).Single(line => line.StartsWith("distcache_certificate_last_reload_successful", StringComparison.Ordinal) && line.EndsWith(" 0", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("Certificate not taken over, the last good one stays in force: Kestrel:Endpoints:Public:Sni:shop.example:Certificate:", edge.Process.Output, StringComparison.Ordinal);

        // Nobody says so this time: the files are followed.
        Put(good);
        await Eventually.TrueAsync(async () => await ThumbprintAsync() != first);
        await HealthAsync(edge, "ok\n");
        await enough.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Empty(failures);
        Assert.True(seen > 10, $"{seen}");
        TestContext.Current.TestOutputHelper!.WriteLine($"{seen} handshakes, 0 failed");
    }

    private static IEnumerable<(string Certificate, string Key)> Bad((string Certificate, string Key) good)
    {
        yield return ("", good.Key);
        yield return ("no certificate at all", good.Key);
        yield return (good.Certificate, "no key at all");
        yield return (good.Certificate, Make(30).Key);
        yield return Make(-1);
        yield return TestCertificate.Pem("other.example", TimeSpan.FromDays(-9), TimeSpan.FromDays(30));
        var step = LongForm.Asked ? 1 : 60;
        for (var cut = 1; cut < good.Certificate.TrimEnd().Length; cut += step)
            yield return (good.Certificate[..cut], good.Key);
    }

    private static (string Certificate, string Key) Make(int days) => TestCertificate.Pem(Host, TimeSpan.FromDays(-9), TimeSpan.FromDays(days));

    private void Put((string Certificate, string Key) pem)
    {
        _folder.Write("shop.pem", pem.Certificate);
        _folder.Write("shop.key", pem.Key);
    }

    private Task<EdgeProcess> StartAsync(Uri origin) => EdgeProcess.StartAsync(new EdgeStart
    {
        Origin = origin,
        Configuration = JsonSerializer.Serialize(new
        {
            Kestrel = new
            {
                Endpoints = new
                {
                    Public = new
                    {
                        Url = $"https://127.0.0.1:{_port}",
                        Sni = new Dictionary<string, object> { [Host] = new { Certificate = new { Path = Path.Combine(_folder.Path, "shop.pem"), KeyPath = Path.Combine(_folder.Path, "shop.key") } } },
                    },
                },
            },
        }),
    });

    /// <summary>A handshake of its own; which certificate it was shown.</summary>
    private async Task<string> ThumbprintAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _port);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = Host, AllowTlsResume = false, RemoteCertificateValidationCallback = (_, _, _, _) => true });
        return ((X509Certificate2)tls.RemoteCertificate!).Thumbprint;
    }

    private static Task HealthAsync(EdgeProcess edge, string start)
    {
        var text = "";
        return Eventually.TrueAsync(async () => (text = await Http.GetStringAsync(new Uri(edge.AdminUrl, "/healthz"))).StartsWith(start, StringComparison.Ordinal), () => text);
    }

    private static async Task<string[]> MetricsAsync(EdgeProcess edge) =>
        [.. (await Http.GetStringAsync(new Uri(edge.AdminUrl, "/metrics"))).Split('\n').Select(line => string.Join(' ', line.Split(' ').Take(2)))];
}
