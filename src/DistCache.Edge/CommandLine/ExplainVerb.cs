using System.CommandLine;
using System.Text.Json;
using DistCache.Edge.Admin;
using DistCache.Proxy.Explaining;

namespace DistCache.Edge.CommandLine;

/// <summary><c>explain URL</c>: asks the admin port of a running edge what it would do with a request, and why.</summary>
internal static class ExplainVerb
{
    public static Command Build(Func<ParseResult, AdminClient> client)
    {
        var url = new Argument<string>("URL") { Description = "What clients ask for, with scheme and host." };
        var method = new Option<string>("--method") { Description = "[default: GET]", HelpName = "METHOD", DefaultValueFactory = _ => "GET" };
        var headers = new Option<string[]>("--header") { Description = "A field of the request, as 'Accept-Encoding: br', may be repeated.", HelpName = "'NAME: VALUE'" };
        var from = new Option<string>("--client") { Description = "The address that it comes from [default: this machine]; a trusted proxy's, with --header 'X-Forwarded-For: ...', to ask for a client behind it.", HelpName = "ADDRESS", DefaultValueFactory = _ => "" };
        var ask = new Option<bool>("--ask") { Description = "Also asks the origin, for no more than the head, what it says to storing. Nothing is stored." };
        var json = new Option<bool>("--json") { Description = "Answer in JSON." };
        var verb = new Command("explain", "What the edge that runs here would do with a request, why, and what would make it a hit, as in: DistCache.Edge explain https://shop.example/a --header 'Accept-Encoding: br' --ask")
        {
            url, method, headers, from, ask, json,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var console = parsed.InvocationConfiguration;
            var question = Question(parsed.GetValue(url)!, parsed.GetValue(method)!, parsed.GetValue(headers) ?? [], parsed.GetValue(from)!, parsed.GetValue(ask));
            var (code, answer) = await client(parsed).SendAsync(HttpMethod.Get, question, body: null, cancel);
            if (code != ExitCode.Stopped)
                await console.Error.WriteLineAsync(answer);
            else if (parsed.GetValue(json))
                await console.Output.WriteLineAsync(answer);
            else
                ExplanationText.Write(JsonSerializer.Deserialize<Explanation>(answer, Answer.Json)!, console.Output);
            return code;
        });
        return verb;
    }

    private static string Question(string url, string method, string[] headers, string from, bool ask) =>
        $"{ExplainEndpoint.Path}?url={Uri.EscapeDataString(url)}&method={Uri.EscapeDataString(method)}&client={Uri.EscapeDataString(from)}&ask={(ask ? "true" : "false")}"
        + string.Concat(headers.Select(header => $"&header={Uri.EscapeDataString(header)}"));
}
