using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DistCache.Edge.Admin;
using DistCache.Edge.Admin.Purging;

namespace DistCache.Edge.CommandLine;

/// <summary><c>purges</c> and <c>nodes</c>: what a running edge knows of both.</summary>
internal static class ListVerbs
{
    public static Command Purges(Func<ParseResult, AdminClient> client)
    {
        var limit = new Option<int>("--limit") { HelpName = "N", Description = "The last so many, 1 to 1000. [default: 20]", DefaultValueFactory = _ => 20 };
        return Build<PurgeList>("purges", "The last purges, the newest first.", client, [limit],
            parsed => string.Create(CultureInfo.InvariantCulture, $"{PurgeEndpoints.Path}?limit={parsed.GetValue(limit)}"),
            list => list.Items.Count == 0 ? ["No purges since the start."] : list.Items.Select(Text));
    }

    public static Command Nodes(Func<ParseResult, AdminClient> client) => Build<NodeList>(
        "nodes", "The nodes that purges reach.", client, [], _ => NodesEndpoint.Path,
        list => list.Nodes.Select(node => string.Create(CultureInfo.InvariantCulture, $"{node.Id}  {node.Region}  {node.State}  position {node.Position}  {node.Version}")));

    public static string Text(PurgeAnswer purge) => string.Create(
        CultureInfo.InvariantCulture,
        $"{purge.Position}  {purge.At:yyyy-MM-ddTHH:mm:ssZ}  {purge.Status}, {purge.Mode}, applied by {string.Join(", ", purge.Applied)}{(purge.Pending.Count == 0 ? "" : $", pending {string.Join(", ", purge.Pending.Select(Text))}")}{Watches(purge)}: {string.Join(' ', purge.Selectors)} (by {purge.By})");

    private static string Text(PendingNode node) => node.LeaseEndsIn is { } seconds
        ? string.Create(CultureInfo.InvariantCulture, $"{node.Node} (its lease ends in {seconds:0.0} s)")
        : node.Node;

    private static string Watches(PurgeAnswer purge) =>
        purge.WatchesFor is { } seconds ? string.Create(CultureInfo.InvariantCulture, $", the node that was asked must watch the others for {seconds:0.0} s more") : "";

    private static Command Build<T>(string name, string description, Func<ParseResult, AdminClient> client, Option[] options, Func<ParseResult, string> question, Func<T, IEnumerable<string>> text)
    {
        var json = new Option<bool>("--json") { Description = "Answer in JSON." };
        var verb = new Command(name, description) { json };
        foreach (var option in options)
            verb.Options.Add(option);
        verb.SetAction(async (parsed, cancel) =>
        {
            var console = parsed.InvocationConfiguration;
            var (code, answer) = await client(parsed).SendAsync(HttpMethod.Get, question(parsed), body: null, cancel);
            if (code != ExitCode.Stopped)
                await console.Error.WriteLineAsync(answer);
            else if (parsed.GetValue(json))
                await console.Output.WriteLineAsync(answer);
            else
                foreach (var line in text(JsonSerializer.Deserialize<T>(answer, Answer.Json)!))
                    await console.Output.WriteLineAsync(line);
            return code;
        });
        return verb;
    }
}
