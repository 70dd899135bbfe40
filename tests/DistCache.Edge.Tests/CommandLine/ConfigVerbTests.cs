using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using DistCache.Edge.Configuration;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.CommandLine;

/// <summary>The verbs of the real program.</summary>
public sealed class ConfigVerbTests : IDisposable
{
    private const string Site = """
        { "ReverseProxy": { "Routes": { "shop": { "ClusterId": "c", "Match": { "Hosts": ["a.example"], "Path": "/{**rest}" }, "OutputCachePolicy": "pages" } },
            "Clusters": { "c": { "Destinations": { "d": { "Address": "http://127.0.0.1:1/" } } } } },
          "DistCache": { "Policies": { "pages": { "Lifetimes": { "404": "9s" } } } } }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Check_says_good_or_every_error_with_its_file_and_the_exit_code_says_which()
    {
        var good = _folder.Write("good.json", Site);
        var (code, output, error) = await BuiltProgram.RunAsync(["config", "check", good]);
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("Good: 1 routes, 1 clusters, 2 policies from ", output, StringComparison.Ordinal);

        var bad = _folder.Write("bad.json", Site.Replace("Hosts", "Host", StringComparison.Ordinal));
        (code, _, error) = await BuiltProgram.RunAsync(["config", "check", bad]);
        Assert.Equal(2, code);
        Assert.StartsWith($"{bad}: ReverseProxy:Routes:shop:Match:Host: there is no such setting; the nearest name is 'Hosts'", error, StringComparison.Ordinal);

        bad = _folder.Write("bad.json", Site.Replace("9s", "soon", StringComparison.Ordinal).Replace("\"pages\" }", "\"page\" }", StringComparison.Ordinal));
        (code, output, error) = await BuiltProgram.RunAsync(["config", "check", "--json", bad]);
        Assert.Equal((2, 2), (code, error.Split('\n').Length));
        Assert.False(JsonDocument.Parse(output).RootElement.GetProperty("good").GetBoolean());
    }

    [Fact]
    public async Task Show_names_the_source_of_each_value_and_no_secret()
    {
        var file = _folder.Write("site.json", Site);
        var (code, output, _) = await BuiltProgram.RunAsync(["config", "show", "--config", file, "--memory", "64MiB"],
            ("DistCache__Node__Region", "eu"), ("Kestrel__Certificates__Default__Password", "hush"));
        Assert.Equal(0, code);
        Assert.Contains($"DistCache:Policies:pages:Lifetimes:404 = 9s  ({file})", output, StringComparison.Ordinal);
        Assert.Contains("DistCache:Node:Region = eu  (environment)", output, StringComparison.Ordinal);
        Assert.Contains("DistCache:Memory:Capacity = 64MiB  (command line)", output, StringComparison.Ordinal);
        Assert.Contains("DistCache:Memory:MaxObjectSize = 67108864  (default)", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_and_policies_are_listed()
    {
        var file = _folder.Write("site.json", Site);
        Assert.Equal("shop: a.example /{**rest} -> c (http://127.0.0.1:1/), policy pages", (await BuiltProgram.RunAsync(["config", "routes", file])).Output);
        var policies = (await BuiltProgram.RunAsync(["config", "policies", file])).Output;
        Assert.Contains("  Lifetimes:404 = 9s", policies, StringComparison.Ordinal);
        Assert.Contains("  Preset = safe  (default)", policies, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_development_certificate_is_for_its_hosts_and_its_key_is_its_owners()
    {
        var folder = Path.Combine(_folder.Path, "cert");
        Assert.Equal(0, (await BuiltProgram.RunAsync(["cert", "dev", "--out", folder, "--host", "shop.localhost"])).Code);
        using var certificate = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"));
        Assert.True(certificate.HasPrivateKey && certificate.MatchesHostname("shop.localhost"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "key.pem")));
    }

    [Theory]
    [InlineData("ReverseProxy:Route:a:ClusterId", "ReverseProxy:Route: there is no such setting; the nearest name is 'Routes'")]
    [InlineData("ReverseProxy:Clusters:c:HealthCheck:Active:Enable", "ReverseProxy:Clusters:c:HealthCheck:Active:Enable: there is no such setting; the nearest name is 'Enabled'")]
    [InlineData("ReverseProxy:Routes:a:Match:Headers:0:Nam", "ReverseProxy:Routes:a:Match:Headers:0:Nam: there is no such setting; the nearest name is 'Name'")]
    [InlineData("DistCache:Polices:p:Preset", "DistCache:Polices: there is no such section; write Policies.")]
    [InlineData("ReverseProxy:Routes:a:Transforms:0:PathPrefix", null)]
    [InlineData("ReverseProxy:Routes:a:Metadata:Anything", null)]
    [InlineData("ReverseProxy:Clusters:c:HttpClient:SslProtocols:0", null)]
    [InlineData("ReverseProxy:Clusters:c:HttpRequest:ActivityTimeout", null)]
    public void A_key_that_nothing_reads_is_told_with_the_nearest_name(string key, string? line)
    {
        var found = UnknownKeys.Of(Reading.Of(_folder, (key, "x")).Merged).ToArray();
        if (line is null)
            Assert.Empty(found);
        else
            Assert.StartsWith(line, Assert.Single(found), StringComparison.Ordinal);
    }
}
