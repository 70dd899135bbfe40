using DistCache.Edge.CommandLine;

namespace DistCache.Edge.Tests.CommandLine;

public sealed class EdgeCommandTests
{
    private readonly EdgeCommand _command = new();

    [Fact]
    public void Every_option_is_read_and_repeated_ones_keep_their_order()
    {
        var parsed = _command.Parse(["--listen", "http://*:1", "--origin=http://a", "--config", "x.json", "--listen", "https://*:2", "--admin", "http://[::1]:3",
            "--preset", "rfc9111", "--memory", "1GiB", "--config", "y.json"]);
        Assert.Null(_command.Refusal(parsed));
        var arguments = _command.Read(parsed);
        Assert.Equal(["http://*:1", "https://*:2"], arguments.Listen);
        Assert.Equal(["x.json", "y.json"], arguments.Config);
        Assert.Equal(("http://a", "http://[::1]:3", "rfc9111", "1GiB"), (arguments.Origin, arguments.Admin, arguments.Preset, arguments.Memory));
    }

    [Fact]
    public void Nothing_said_is_nothing_set()
    {
        var arguments = _command.Read(_command.Parse([]));
        Assert.Equal((null, null, null, null), (arguments.Origin, arguments.Admin, arguments.Preset, arguments.Memory));
        Assert.Empty(arguments.Listen);
        Assert.Empty(arguments.Config);
    }

    [Theory]
    [InlineData("--bogus", "Unrecognized command or argument '--bogus'.")]
    [InlineData("stray", "Unrecognized command or argument 'stray'.")]
    [InlineData("@file", "Unrecognized command or argument '@file'.")]
    [InlineData("--origin", "Required argument missing for option: '--origin'.")]
    [InlineData("--listen", "Required argument missing for option: '--listen'.")]
    [InlineData("--memory 1 --memory 2", "Option '--memory' expects a single argument but 2 were provided.")]
    [InlineData("--listen http://*:1 http://*:2", "Unrecognized command or argument 'http://*:2'.")]
    public void What_cannot_be_understood_is_one_line(string line, string refusal) =>
        Assert.Equal(refusal, _command.Refusal(_command.Parse(line.Split(' '))));

    [Fact]
    public void Help_is_given_beside_a_mistake() => Assert.Null(_command.Refusal(_command.Parse(["--bogus", "--help"])));
}
