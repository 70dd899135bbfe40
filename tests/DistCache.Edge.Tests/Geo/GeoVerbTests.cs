using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using DistCache.Edge.Geo;
using DistCache.Edge.Tests.Kit;
using DistCache.TestKit;
using TemporaryFolder = DistCache.Edge.Tests.Kit.TemporaryFolder;

namespace DistCache.Edge.Tests.Geo;

/// <summary>The verbs of the real program; the registry is a small one of the test's own.</summary>
public sealed class GeoVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Fetch_brings_the_database_looks_it_through_and_tells_licence_and_notices()
    {
        await using var registry = Registry(Tarball(Database()));
        var file = Path.Combine(_folder.Path, "country.mmdb");
        var (code, output, error) = await BuiltProgram.RunAsync(["geo", "fetch", "--registry", registry.Url.ToString(), "--out", file]);
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith($"{file}: country ipvAll of 2026-01-01, from {CountryPackage.Name} 1.2.3; looked through and sound.", output);
        Assert.Contains("Licence, as the package states it: CC0-1.0.", output);
        Assert.Contains("The package also says: NRO_LICENSE: give attribution", output);
        Assert.Contains("The package also says: README.md: The data contains bugs.", output);
        Assert.Equal(Database(), File.ReadAllBytes(file));
        Assert.Equal(["country.mmdb"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));

        (code, output, _) = await BuiltProgram.RunAsync(["geo", "fetch", "--json", "--registry", registry.Url.ToString(), "--out", file]);
        Assert.Equal((0, "CC0-1.0"), (code, JsonDocument.Parse(output).RootElement.GetProperty("licence").GetString()));
    }

    [Fact]
    public async Task What_is_damaged_is_not_put_in_place()
    {
        var file = _folder.Write("country.mmdb", "the last good one");
        await using (var registry = Registry(Tarball(Database()[..^60])))
        {
            var (code, _, error) = await BuiltProgram.RunAsync(["geo", "fetch", "--registry", registry.Url.ToString(), "--out", file]);
            Assert.Equal(1, code);
            Assert.Contains("no sound database", error);
        }
        await using (var registry = Registry(Tarball(Database()), integrity: "sha512-" + Convert.ToBase64String(new byte[64])))
        {
            var (code, _, error) = await BuiltProgram.RunAsync(["geo", "fetch", "--registry", registry.Url.ToString(), "--out", file]);
            Assert.Equal(1, code);
            Assert.Contains("checksum", error);
        }
        Assert.Equal("the last good one", File.ReadAllText(file));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Fetch_says_what_to_do_without_a_registry_and_takes_a_package_from_a_file()
    {
        var (code, _, error) = await BuiltProgram.RunAsync(["geo", "fetch", "--registry", "http://registry.example/"]);
        Assert.Equal((2, true), (code, error.StartsWith("--registry: ", StringComparison.Ordinal)));
        (code, _, error) = await BuiltProgram.RunAsync(["geo", "fetch", "--registry", "http://127.0.0.1:1/"]);
        Assert.Equal((1, true), (code, error.Contains("--package", StringComparison.Ordinal)));
        var package = Path.Combine(_folder.Path, "package.tgz");
        File.WriteAllBytes(package, Tarball(Database()));
        var file = Path.Combine(_folder.Path, "country.mmdb");
        (code, _, _) = await BuiltProgram.RunAsync(["geo", "fetch", "--package", package, "--out", file]);
        Assert.Equal(0, code);
        Assert.Equal(Database(), File.ReadAllBytes(file));
    }

    [Fact]
    public async Task Geo_explains_an_address_and_the_region_chosen()
    {
        var database = Path.Combine(_folder.Path, "country.mmdb");
        File.WriteAllBytes(database, Database());
        var site = _folder.Write("site.json", $$"""
            { "DistCache": { "Geo": { "Database": {{JsonSerializer.Serialize(database)}} },
                "Regions": { "eu": { "Latitude": 52.4, "Longitude": 4.9, "PublicAddress": "https://eu.example" }, "us": { "Latitude": 39, "Longitude": -77.5 } } } }
            """);
        await using var edge = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0", "--config", site]);
        var admin = edge.Admin.ToString();
        var (code, output, _) = await BuiltProgram.RunAsync(["geo", "203.0.113.7", "--admin", admin]);
        Assert.Equal(0, code);
        Assert.Contains("country      FR (database), continent EU, in the European Union", output);
        Assert.Contains("groups       EEA, EU, Europe", output);
        Assert.Contains("(centre of FR)", output);
        Assert.Matches(@"region       eu: \d+ km from the centre of FR", output);
        (code, output, _) = await BuiltProgram.RunAsync(["geo", "--json", "10.0.0.1", "--admin", admin]);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal((0, "private", false), (code, report.GetProperty("kind").GetString(), report.TryGetProperty("country", out _)));
        (code, _, var error) = await BuiltProgram.RunAsync(["geo", "here", "--admin", admin]);
        Assert.Equal((2, true), (code, error.StartsWith("ip: 'here' is no address.", StringComparison.Ordinal)));
        (code, _, error) = await BuiltProgram.RunAsync(["geo"]);
        Assert.Equal((2, true), (code, error.StartsWith("geo: an address is missing.", StringComparison.Ordinal)));
    }

    private static byte[] Database() => new MmdbWriter("country ipvAll").CountryCode("203.0.113.0/24", "FR").ToBytes();

    private static byte[] Tarball(byte[] database)
    {
        var bytes = new MemoryStream();
        using (var zip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zip))
            foreach (var (name, content) in new (string, byte[])[]
            {
                ("NRO_LICENSE", "give attribution\nto the source"u8.ToArray()),
                ("package.json", """{ "name": "x", "version": "1.2.3", "license": "CC0-1.0" }"""u8.ToArray()),
                ("README.md", "> [!CAUTION]\n> The data contains bugs.\n\n# x"u8.ToArray()),
                ("geo-whois-asn-country-ipv4.mmdb", "another"u8.ToArray()),
                ("geo-whois-asn-country.mmdb", database),
            })
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "package/" + name) { DataStream = new MemoryStream(content) });
        return bytes.ToArray();
    }

    private static ScriptOrigin Registry(byte[] tarball, string? integrity = null)
    {
        var registry = ScriptOrigin.Start();
        integrity ??= "sha512-" + Convert.ToBase64String(SHA512.HashData(tarball));
        registry.On("/@ip-location-db%2Fgeo-whois-asn-country-mmdb/latest").Answer(Answers.Ok($$"""{ "version": "1.2.3", "dist": { "integrity": "{{integrity}}", "tarball": "{{registry.Url}}a.tgz" } }"""));
        registry.On("/a.tgz").Answer(Answers.Ok(tarball));
        return registry;
    }
}
