using System.CommandLine;

namespace DistCache.Edge.CommandLine;

/// <summary>
/// <c>completion bash | zsh</c>: a script that completes verbs, options and their values with the Tab key. The shell asks the program itself
/// (System.CommandLine's <c>[suggest]</c>), so that it never knows less than the program.
/// </summary>
internal static class CompletionVerb
{
    private const string Bash =
        """
        # Tab completion for DistCache.Edge. Now: source <(DistCache.Edge completion bash)
        # For good: DistCache.Edge completion bash > ~/.local/share/bash-completion/completions/DistCache.Edge
        _distcache_edge() {
            local line="${COMP_LINE:${#COMP_WORDS[0]}}" word="${COMP_WORDS[COMP_CWORD]}" IFS=$'\n'
            line="${line:0:COMP_POINT - ${#COMP_WORDS[0]}}"
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)" -- "$word"))
        }
        complete -o default -F _distcache_edge DistCache.Edge
        """;

    private const string Zsh =
        """
        # Tab completion for DistCache.Edge. Now: source <(DistCache.Edge completion zsh), after compinit.
        _distcache_edge() {
            local line="${BUFFER[1,CURSOR]#${words[1]}}"
            local -a found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -a found || _files
        }
        compdef _distcache_edge DistCache.Edge
        """;

    public static Command Build()
    {
        var completion = new Command("completion", "A script for the shell that completes with Tab, as in: source <(DistCache.Edge completion bash)");
        foreach (var (shell, script) in new[] { ("bash", Bash), ("zsh", Zsh) })
        {
            var verb = new Command(shell, $"The script for {shell}.");
            verb.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(script.ReplaceLineEndings("\n")));
            completion.Subcommands.Add(verb);
        }

        return completion;
    }
}
