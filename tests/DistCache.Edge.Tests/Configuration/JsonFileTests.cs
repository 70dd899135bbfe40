using DistCache.Edge.CommandLine;
using DistCache.Edge.Configuration;
using DistCache.Edge.Tests.Kit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace DistCache.Edge.Tests.Configuration;

public sealed class JsonFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<Complaint> _bad = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void New_content_counts_once_two_reads_in_a_row_agree()
    {
        using var configuration = Follow("""{ "A": "1" }""", out _);

        _folder.Write("file.json", """{ "A": "2" }""");
        _time.Advance(JsonFile.Interval);
        Assert.Equal("1", configuration.Root["A"]);
        _folder.Write("file.json", """{ "A": "3" }""");
        _time.Advance(JsonFile.Interval);
        Assert.Equal("1", configuration.Root["A"]);
        _time.Advance(JsonFile.Interval);
        Assert.Equal("3", configuration.Root["A"]);
        Assert.Empty(_bad);
    }

    [Fact]
    public void Listeners_hear_of_new_content_and_of_nothing_else()
    {
        using var configuration = Follow("""{ "A": "1" }""", out _);
        var heard = 0;
        using var subscription = Microsoft.Extensions.Primitives.ChangeToken.OnChange(configuration.Root.GetReloadToken, () => heard++);

        Look(3);
        Assert.Equal(0, heard);
        _folder.Write("file.json", """{ "A": "2" }""");
        Look(5);
        Assert.Equal(1, heard);
    }

    [Theory]
    [InlineData("""{ "A": "2", """, "is not valid JSON at line 1")]
    [InlineData("""[ "A" ]""", "is not a configuration file")]
    [InlineData("""{ "A": "2", "a": "3" }""", "is not a configuration file")]
    [InlineData("", "is not valid JSON at line 1")]
    public void A_broken_file_keeps_the_last_good_content_and_is_told_once(string broken, string what)
    {
        using var configuration = Follow("""{ "A": "1" }""", out var path);

        _folder.Write("file.json", broken);
        Look(6);
        Assert.Equal("1", configuration.Root["A"]);
        var complaint = Assert.Single(_bad);
        Assert.Equal(path, complaint.Where);
        Assert.Contains(what, complaint.What, StringComparison.Ordinal);

        _folder.Write("file.json", """{ "A": "4" }""");
        Look(2);
        Assert.Equal("4", configuration.Root["A"]);
    }

    [Fact]
    public void A_file_that_goes_away_keeps_the_last_good_content_and_is_told_once()
    {
        using var configuration = Follow("""{ "A": "1" }""", out var path);

        File.Delete(path);
        Look(6);
        Assert.Equal("1", configuration.Root["A"]);
        Assert.Equal($"{path}: '{path}' does not exist; the last good content stays in force. Put the file back.", Assert.Single(_bad).ToString());

        _folder.Write("file.json", """{ "A": "2" }""");
        Look(2);
        Assert.Equal("2", configuration.Root["A"]);
    }

    [Fact]
    public void A_symbolic_link_turned_to_another_file_is_seen()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Symbolic links need a privilege on Windows.");
        var link = Path.Combine(_folder.Path, "link.json");
        File.CreateSymbolicLink(link, _folder.Write("one.json", """{ "A": "1" }"""));
        using var configuration = EdgeConfiguration.Read(new EdgeArguments { Config = [link] }, _folder.Path, _time, []);
        configuration.Follow();

        File.Delete(link);
        File.CreateSymbolicLink(link, _folder.Write("two.json", """{ "A": "2" }"""));
        Look(2);
        Assert.Equal("2", configuration.Root["A"]);
    }

    [Theory]
    [InlineData("""{ "A": """, "--config: '{path}' is not valid JSON at line 1, byte 8. Correct the file.")]
    [InlineData("""{ "A": 1, "a": 2 }""", "--config: '{path}' is not a configuration file (A duplicate key 'a' was found). Correct the file.")]
    public void A_file_that_is_broken_at_start_is_told_with_its_place(string content, string line)
    {
        var path = _folder.Write("file.json", content);
        using var configuration = EdgeConfiguration.Read(new EdgeArguments { Config = [path] }, _folder.Path, _time, []);
        Assert.Equal(line.Replace("{path}", path, StringComparison.Ordinal), Assert.Single(configuration.Complaints).ToString());
    }

    [Fact]
    public void A_missing_appsettings_file_is_no_error_but_a_missing_named_file_is()
    {
        using var configuration = EdgeConfiguration.Read(new EdgeArguments { Config = ["/no/such/file.json"] }, _folder.Path, _time, []);
        Assert.Equal("--config: '/no/such/file.json' does not exist. Name a JSON file that this user may read.", Assert.Single(configuration.Complaints).ToString());
    }

    private EdgeConfiguration Follow(string content, out string path)
    {
        path = _folder.Write("file.json", content);
        var configuration = EdgeConfiguration.Read(new EdgeArguments { Config = [path] }, _folder.Path, _time, []);
        configuration.BadReload += _bad.Add;
        configuration.Follow();
        return configuration;
    }

    private void Look(int times)
    {
        for (var i = 0; i < times; i++)
            _time.Advance(JsonFile.Interval);
    }
}
