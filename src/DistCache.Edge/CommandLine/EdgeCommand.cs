using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using DistCache.Edge.Admin;

namespace DistCache.Edge.CommandLine;

/// <summary>The options of <c>DistCache.Edge</c>, their help and the examples under it.</summary>
internal sealed class EdgeCommand
{
    private readonly Option<string?> _origin = One("--origin", "URL",
        "The site to stand in front of: one catch-all route to it, with the chosen preset. Without it and without configured routes, a built-in demo origin is served.");
    private readonly Option<string[]> _listen = Many("--listen", "URL",
        "Where clients connect, http or https, may be repeated. The host is *, localhost or an IP address. [default: http://*:8080]");
    private readonly Option<string?> _admin = One("--admin", "URL",
        "Where health, metrics and explanations are told, on a loopback address. [default: http://127.0.0.1:9090]");
    private readonly Option<string?> _preset = One("--preset", "safe|rfc9111",
        "What may be stored: safe needs explicit freshness and trusts no client; rfc9111 does all that RFC 9111 allows. [default: safe]");
    private readonly Option<string?> _memory = One("--memory", "SIZE",
        "Capacity of the memory tier, as in 512MiB. [default: a quarter of what the process may use]");
    private readonly Option<string[]> _config = Many("--config", "FILE",
        "A JSON configuration file, may be repeated; later files win. It is followed while the node runs.");
    private readonly Option<bool> _json = new("--json") { Description = "Tells the start in one line of JSON." };
    private readonly Option<string?> _key = AdminClient.KeyOption();
    private readonly RunAction _run = new();
    private readonly RootCommand _root;

    public EdgeCommand() : this(() => !Console.IsErrorRedirected)
    {
    }

    /// <param name="looksOn">As in <see cref="PurgeVerb.Build"/>.</param>
    internal EdgeCommand(Func<bool> looksOn)
    {
        _key.Recursive = true;
        _root = new RootCommand("DistCache.Edge: a caching reverse proxy. It answers from memory what its origin allows, and asks the origin only when it must.");
        foreach (Option option in new Option[] { _origin, _listen, _admin, _preset, _memory, _config })
        {
            option.Recursive = true;
            _root.Options.Add(option);
        }

        var run = new Command("run", "Runs the edge; the same as no verb at all.") { _json };
        run.Action = _run;
        _root.Options.Add(_json);
        _preset.CompletionSources.Add("safe", "rfc9111");
        _root.Action = _run;
        _root.Subcommands.Add(run);
        _root.Subcommands.Add(ConfigVerb.Build(Read));
        _root.Subcommands.Add(CertVerb.Build());
        _root.Subcommands.Add(CompletionVerb.Build());
        _root.Subcommands.Add(ExplainVerb.Build(Client));
        _root.Subcommands.Add(GeoVerb.Build(Client));
        _root.Subcommands.Add(PurgeVerb.Build(Client, looksOn));
        _root.Subcommands.Add(ListVerbs.Purges(Client));
        _root.Subcommands.Add(ListVerbs.Nodes(Client));
        _root.Subcommands.Add(NodeVerb.Build(Client));
        foreach (var verb in _root.Subcommands.Where(verb => verb.Name is "explain" or "geo" or "purge" or "purges" or "nodes" or "node"))
            verb.Options.Add(_key);
        _root.Subcommands.Add(KeyVerb.Build());
        var help = _root.Options.OfType<HelpOption>().Single();
        help.Aliases.Remove("/?"); // and below: nobody's habit on a server, and in the way of completion
        help.Aliases.Remove("/h");
        help.Aliases.Remove("-?");
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    public ParseResult Parse(string[] args) =>
        // An argument that begins with @ is no file of arguments here: it would make the meaning of a URL depend on the disk.
        _root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>One line for all that cannot be understood; null when there is nothing, or when help was asked for anyway.</summary>
    public string? Refusal(ParseResult result) =>
        result.Errors.Count == 0 || result.Action is { ClearsParseErrors: true } ? null : string.Join(' ', result.Errors.Select(error => error.Message));

    /// <summary>The program itself is asked for, by <c>run</c> or without a verb.</summary>
    public bool IsRun(ParseResult result) => result.Action == _run;

    public EdgeArguments Read(ParseResult result) => new()
    {
        Origin = result.GetValue(_origin),
        Listen = result.GetValue(_listen) ?? [],
        Admin = result.GetValue(_admin),
        Preset = result.GetValue(_preset),
        Memory = result.GetValue(_memory),
        Config = result.GetValue(_config) ?? [],
        Json = result.GetValue(_json),
    };

    private AdminClient Client(ParseResult result) => new(result.GetValue(_admin) ?? AdminOptions.Default, result.GetValue(_key), TimeProvider.System);

    private static Option<string?> One(string name, string value, string description) => new(name)
    {
        HelpName = value,
        Description = description,
        Arity = ArgumentArity.ExactlyOne,
    };

    private static Option<string[]> Many(string name, string value, string description) => new(name)
    {
        HelpName = value,
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>A mark only: the library would listen to signals while an action runs, and these are the program's.</summary>
    private sealed class RunAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult) => throw new InvalidOperationException("The program runs itself.");
    }
}
