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

        Configuration: the command line wins over environment variables (DistCache__Memory__Capacity=1GiB), these over
        --config files, these over appsettings.json beside the program.
        Exit codes: 0 after an orderly stop, 2 when the command line or the configuration must be put right first.
        """;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        generated.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output.WriteLine(Examples);
        return 0;
    }
}
