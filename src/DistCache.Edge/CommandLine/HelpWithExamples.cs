using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace DistCache.Edge.CommandLine;

/// <summary>The generated help, then what a newcomer types first.</summary>
internal sealed class HelpWithExamples(HelpAction generated) : SynchronousCommandLineAction
{
    public const string Examples =
        """
        Examples:
          DistCache.Edge
              The built-in demo on http://localhost:8080, health on http://127.0.0.1:9090/healthz.
          DistCache.Edge --origin http://127.0.0.1:5000 --memory 512MiB
              One site, cached on port 8080.
          DistCache.Edge --origin https://example.org --listen http://127.0.0.1:8081 --listen https://*:8443
              Two data ports; the certificate is Kestrel:Certificates:Default:Path (and KeyPath) in the configuration.
          DistCache.Edge --config config/shop.json --preset rfc9111
              Routes and policies from a file.
          DistCache.Edge config check config/shop.json
              Tells every mistake in it, with its key and remedy; also config show, routes, policies, schema (with --json).
          DistCache.Edge explain http://localhost:8080/ --ask
              Why this is, or is not, a hit at the edge that runs here; --ask also asks the origin what it says to storing.
          DistCache.Edge purge tag product-17 --soft
              Makes every stored response with that tag stale; also purge url, prefix, host, all; with --dry-run it only counts.
          DistCache.Edge node forget ams-2
              That node is gone for good: no purge waits for it any more. DistCache.Edge nodes lists them.
          DistCache.Edge cert dev --out /tmp/cert
              A self-signed certificate for trying https out.
          source <(DistCache.Edge completion bash)
              Tab completes verbs, options and values; also for zsh.

        Configuration: the command line wins over environment variables (DistCache__Memory__Capacity=1GiB), these over
        --config files, these over config/*.json and appsettings.json beside the program. Secrets: DistCache:Secrets names a folder.
        Exit codes: 0 done, or an orderly stop; 1 no edge could be asked, or it cannot do it now: ask again; 2 the command line or the
        configuration must be put right first; 3 the purge is taken, and not every node has applied it within --timeout.
        """;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        generated.Invoke(parseResult);
        if (parseResult.CommandResult.Command is RootCommand)
            parseResult.InvocationConfiguration.Output.WriteLine(Examples);
        return 0;
    }
}
