using DistCache.Edge.CommandLine;
using DistCache.Edge.Configuration;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Configuration;

public sealed class FilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{ "A": """, "--config: '{path}' is not valid JSON at line 1, byte 8. Correct the file.")]
    [InlineData("", "--config: '{path}' is not valid JSON at line 1, byte 1. Correct the file.")]
    [InlineData("""{ "A": 1, "a": 2 }""", "--config: '{path}' is not a configuration file (A duplicate key 'a' was found). Correct the file.")]
    public void A_broken_file_is_told_with_its_place(string content, string line)
    {
        var path = _folder.Write("file.json", content);
        var configuration = Reading.Of(_folder, new EdgeArguments { Config = [path] });
        Assert.Equal(line.Replace("{path}", path, StringComparison.Ordinal), Assert.Single(configuration.Complaints).ToString());
    }

    [Fact]
    public void A_missing_appsettings_file_is_no_error_but_a_missing_named_file_is()
    {
        var configuration = Reading.Of(_folder, new EdgeArguments { Config = ["/no/such/file.json"] });
        Assert.Equal("--config: '/no/such/file.json' does not exist. Name a JSON file that this user may read.", Assert.Single(configuration.Complaints).ToString());
    }

    [Fact]
    public void Files_in_config_are_read_by_name_before_those_of_the_command_line_and_neither_subfolders_nor_schemas_are()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "config", "examples"));
        _folder.Write("appsettings.json", """{ "A": "appsettings", "B": "appsettings", "C": "appsettings" }""");
        _folder.Write("config/10-b.json", """{ "A": "10", "B": "10" }""");
        _folder.Write("config/20-a.json", """{ "A": "20" }""");
        _folder.Write("config/distcache.schema.json", """{ "A": "schema" }""");
        _folder.Write("config/examples/shop.json", """{ "A": "example" }""");
        var read = Reading.Of(_folder);
        Assert.Equal(("20", "10", "appsettings"), (read.Root["A"], read.Root["B"], read.Root["C"]));
        Assert.Equal(["appsettings.json", "config/10-b.json", "config/20-a.json"], read.Files.Select(file => file.Name));

        var named = Reading.Of(_folder, new EdgeArguments { Config = [Path.Combine(_folder.Path, "config", "10-b.json")] });
        Assert.Equal("10", named.Root["A"]);
    }

    [Fact]
    public void A_route_in_two_files_is_an_error_that_names_both()
    {
        const string route = """{ "ReverseProxy": { "Routes": { "Shop": { "ClusterId": "c", "Match": { "Path": "/" } } } } }""";
        Directory.CreateDirectory(Path.Combine(_folder.Path, "config"));
        _folder.Write("config/a.json", route);
        var other = _folder.Write("b.json", route.Replace("Shop", "shop", StringComparison.Ordinal));
        var read = Reading.Of(_folder, new EdgeArguments { Config = [other] });
        Assert.Equal("ReverseProxy:Routes:shop: is in config/a.json and in b.json. Rename one of them, or remove it.", Assert.Single(read.Complaints).ToString());
    }

    [Fact]
    public void A_list_is_taken_whole_from_the_strongest_source_that_has_it()
    {
        _folder.Write("appsettings.json", """{ "L": ["a", "b", "c"], "M": ["a", "b"], "N": "x;y", "Routes": { "1": { "H": "one" }, "2": { "H": "two" } } }""");
        var file = _folder.Write("more.json", """{ "L": ["z"], "N": ["n"], "Routes": { "2": { "H": "other" } } }""");
        var read = Reading.Of(_folder, new EdgeArguments { Config = [file] }, ("M", "env"));
        Assert.Equal(["z"], read.Settings.List("L"));
        Assert.Equal(["env"], read.Settings.List("M"));
        Assert.Equal(["n"], read.Settings.List("N"));
        Assert.Equal(("one", "other"), (read.Root["Routes:1:H"], read.Root["Routes:2:H"]));
    }

    [Theory]
    [InlineData("DistCache:Fleet:Secret", true)]
    [InlineData("DistCache:Shared:Redis", true)]
    [InlineData("DistCache:Secrets", false)]
    [InlineData("DistCache:Node:Id", false)]
    public void What_is_secret_is_not_shown(string key, bool isSecret) => Assert.Equal(isSecret, SecretFiles.IsSecret(key));

    [Fact]
    public void Secrets_come_from_files_named_by_their_key_and_lose_their_last_line_end()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "secrets"));
        _folder.Write("secrets/Kestrel__Certificates__Default__Password", "pass word\n");
        _folder.Write("secrets/..data", "not one");
        var read = Reading.Of(_folder, (SecretFiles.Key, "secrets"));
        Assert.Equal("pass word", read.Root["Kestrel:Certificates:Default:Password"]);
        Assert.Equal(ConfigurationLayer.Secrets, read.Merged.LayerOf("Kestrel:Certificates:Default:Password")!.Name);
        Assert.StartsWith("DistCache:Secrets: '", Assert.Single(Reading.Of(_folder, (SecretFiles.Key, "none")).Complaints).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Kestrel__Certificates__Default__Password", "kestrel__certificates__default__PASSWORD")]
    [InlineData("Kestrel:Certificates:Default:Password", "Kestrel__Certificates__Default__Password")]
    public void Two_secret_files_for_one_key_are_a_complaint_that_names_both(string one, string other)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Such files cannot lie side by side on Windows.");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "secrets"));
        _folder.Write($"secrets/{one}", "a");
        _folder.Write($"secrets/{other}", "b");
        var read = Reading.Of(_folder, (SecretFiles.Key, "secrets"));
        Assert.Equal($"DistCache:Secrets: '{_folder.Path}/secrets' has '{one}' and '{other}' for one key, Kestrel:Certificates:Default:Password. Keep one of them.", Assert.Single(read.Complaints).ToString());
    }

    [Fact]
    public void An_error_is_told_with_the_file_that_its_key_stands_in()
    {
        _folder.Write("appsettings.json", """{ "DistCache": { "Policies": { "p": { "Preset": "safe" } } } }""");
        var read = Reading.Of(_folder, ("DistCache:Policies:q:Preset", "safe"));
        Assert.Equal("appsettings.json: DistCache:Policies:p:Preset: no", read.WithFile("DistCache:Policies:p:Preset: no"));
        Assert.Equal("appsettings.json: DistCache:Policies:p:Missing: no", read.WithFile("DistCache:Policies:p:Missing: no"));
        Assert.Equal("DistCache:Policies:q:Preset: no", read.WithFile("DistCache:Policies:q:Preset: no"));
        Assert.Equal("--config: no", read.WithFile("--config: no"));
    }
}
