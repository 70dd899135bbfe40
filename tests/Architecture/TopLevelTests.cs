using DistCache.TestKit;
using Xunit;

namespace DistCache.Architecture;

public class TopLevelTests
{
    private static readonly string[] Allowed =
    [
        "src", "tests", "loadtests", "config", "edge-nodes", "DistCache.Edge.sln", "README.md", "appsettings.json",
        "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig", ".config", ".ci", ".gitignore", "LICENSE", ".git",
    ];

    // What a build or an editor leaves, as .gitignore has it.
    private static readonly string[] Ignored = ["bin", "obj", "artifacts", "TestResults", ".vs", ".idea"];

    [Fact]
    public void The_top_level_holds_the_allowed_names_and_no_other() =>
        Assert.Equal([], Names().Except(Allowed).Except(Ignored).Where(name => !name.EndsWith(".user", StringComparison.Ordinal)));

    [Fact]
    public void The_top_level_holds_every_folder_and_file_of_the_design()
    {
        string[] required = ["src", "tests", "loadtests", "config", "edge-nodes", "DistCache.Edge.sln", "README.md", "appsettings.json"];
        Assert.Empty(required.Except(Names()));
    }

    private static IEnumerable<string> Names() => Directory.EnumerateFileSystemEntries(Repository.Root).Select(path => Path.GetFileName(path));
}
