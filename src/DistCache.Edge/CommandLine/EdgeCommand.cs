using System.CommandLine;
using System.CommandLine.Help;

namespace DistCache.Edge.CommandLine;

/// <summary>The options of <c>DistCache.Edge</c>, their help and the examples under it.</summary>
internal sealed class EdgeCommand
{
    private readonly Option<string?> _origin = One("--origin", "URL",
        "The site to stand in front of: one catch-all route to it, with the chosen preset. Without it and without configured routes, a built-in demo origin is served.");
    private readonly Option<string[]> _listen = Many("--listen", "URL",
        "Where clients connect, http or https, may be repeated. The host is *, localhost or an IP address. [default: http://*:8080]");
    private readonly Option<string?> _admin = One("--admin", "URL",
        "Where health is told, on a loopback address. [default: http://127.0.0.1:9090]");
    private readonly Option<string?> _preset = One("--preset", "safe|rfc9111",
        "What may be stored: safe needs explicit freshness and trusts no client; rfc9111 does all that RFC 9111 allows. [default: safe]");
    private readonly Option<string?> _memory = One("--memory", "SIZE",
        "Capacity of the memory tier, as in 512MiB. [default: a quarter of what the process may use]");
    private readonly Option<string[]> _config = Many("--config", "FILE",
        "A JSON configuration file, may be repeated; later files win. It is followed while the node runs.");
    private readonly RootCommand _root;

    public EdgeCommand()
    {
        _root = new RootCommand("DistCache.Edge: a caching reverse proxy. It answers from memory what its origin allows, and asks the origin only when it must.");
        foreach (Option option in new Option[] { _origin, _listen, _admin, _preset, _memory, _config })
            _root.Options.Add(option);
        var help = _root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    public ParseResult Parse(string[] args) =>
        // An argument that begins with @ is no file of arguments here: it would make the meaning of a URL depend on the disk.
        _root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>One line for all that cannot be understood; null when there is nothing, or when help was asked for anyway.</summary>
    public string? Refusal(ParseResult result) =>
        result.Errors.Count == 0 || result.Action is { ClearsParseErrors: true } ? null : string.Join(' ', result.Errors.Select(error => error.Message));

    public EdgeArguments Read(ParseResult result) => new()
    {
        Origin = result.GetValue(_origin),
        Listen = result.GetValue(_listen) ?? [],
        Admin = result.GetValue(_admin),
        Preset = result.GetValue(_preset),
        Memory = result.GetValue(_memory),
        Config = result.GetValue(_config) ?? [],
    };

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
}
