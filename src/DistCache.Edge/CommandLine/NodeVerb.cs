using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DistCache.Edge.Admin;

namespace DistCache.Edge.CommandLine;

/// <summary><c>node forget ID</c>: no purge waits for that node any more.</summary>
internal static class NodeVerb
{
    public static Command Build(Func<ParseResult, AdminClient> client)
    {
        var id = new Argument<string>("ID") { Description = "As the verb nodes lists it." };
        var json = new Option<bool>("--json") { Description = "Answer in JSON." };
        var forget = new Command("forget", "That it is gone for good: refused while it may hold a lease. If it comes back, it joins as a new node does.") { id, json };
        forget.SetAction(async (parsed, cancel) =>
        {
            var console = parsed.InvocationConfiguration;
            var (code, answer) = await client(parsed).SendAsync(HttpMethod.Delete, $"{NodesEndpoint.Path}/{Uri.EscapeDataString(parsed.GetValue(id)!)}", body: null, cancel);
            if (code != ExitCode.Stopped)
                await console.Error.WriteLineAsync(answer);
            else
                await console.Output.WriteLineAsync(parsed.GetValue(json) ? answer : Text(JsonSerializer.Deserialize<ForgottenNode>(answer, Answer.Json)!));
            return code;
        });
        return new Command("node", "A node that purges wait for, as in: DistCache.Edge node forget ams-2") { forget };
    }

    private static string Text(ForgottenNode node) =>
        string.Create(CultureInfo.InvariantCulture, $"{node.Id} ({node.Region}), silent for {node.SilentFor:0.0} s, is forgotten: no purge waits for it.");
}
