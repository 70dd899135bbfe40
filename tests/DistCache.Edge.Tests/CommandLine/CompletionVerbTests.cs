using System.Diagnostics;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.CommandLine;

public sealed class CompletionVerbTests
{
    [Theory]
    [InlineData("DistCache.Edge con", "config --config")]
    [InlineData("DistCache.Edge config ch", "check")]
    [InlineData("DistCache.Edge config check --js", "--json")]
    [InlineData("DistCache.Edge --preset ", "safe rfc9111")]
    [InlineData("DistCache.Edge completion ", "bash zsh")]
    [InlineData("DistCache.Edge expl", "explain")]
    public async Task Bash_completes_what_the_program_knows(string line, string words)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "bash is not installed.");
        // As bash does when Tab is pressed at the end of the line.
        var script = $$"""
            PATH="{{AppContext.BaseDirectory}}:$PATH"
            source <(DistCache.Edge completion bash)
            COMP_LINE='{{line}}'; COMP_POINT=${#COMP_LINE}; COMP_WORDS=($COMP_LINE); [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _distcache_edge
            echo "${COMPREPLY[@]}"
            """;
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", ["--norc", "-c", script]) { RedirectStandardOutput = true })!;
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        var found = output.Trim().Split(' ');
        Assert.Subset(found.ToHashSet(), words.Split(' ').Where(word => word.StartsWith(line.Split(' ')[^1], StringComparison.Ordinal)).ToHashSet());
        Assert.All(found, word => Assert.StartsWith(line.Split(' ')[^1], word, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Zsh_has_a_script_too() => Assert.Contains("compdef _distcache_edge DistCache.Edge", (await BuiltProgram.RunAsync(["completion", "zsh"])).Output, StringComparison.Ordinal);
}
