using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DistCache.Edge.Admin;
using DistCache.Edge.Admin.Purging;
using DistCache.Proxy.Policies;

namespace DistCache.Edge.CommandLine;

/// <summary><c>purge url|tag|prefix|host|all</c>: the purge API of a running edge, from the command line.</summary>
internal static class PurgeVerb
{
    /// <param name="looksOn">Somebody does: while it waits it says how far it is. Otherwise it is a script, which gets one request and one answer.</param>
    public static Command Build(Func<ParseResult, AdminClient> client, Func<bool> looksOn)
    {
        var soft = new Option<bool>("--soft") { Description = "Stale instead of gone: validated, and stale windows run from now.", Recursive = true };
        var wait = new Option<string?>("--wait") { HelpName = "none|region|all", Description = "Whose word to wait for. [default: all]", Recursive = true };
        var timeout = new Option<string?>("--timeout") { HelpName = "DURATION", Description = "How long to wait, 1h at most. [default: 30s]", Recursive = true };
        var dryRun = new Option<bool>("--dry-run") { Description = "Purge nothing, count what would be.", Recursive = true };
        var json = new Option<bool>("--json") { Description = "Answer in JSON.", Recursive = true };
        var purge = new Command("purge", "Purges what an edge has stored, as in: DistCache.Edge purge url https://shop.example/a") { soft, wait, timeout, dryRun, json };
        Add("url", "URL", "Absolute URLs with all their variants, for both schemes.", (body, values) => body with { Urls = values });
        Add("tag", "TAG", "Cache tags, exactly.", (body, values) => body with { Tags = values });
        Add("prefix", "PREFIX", "All URLs that begin so: shop.example/img/, with or without a scheme.", (body, values) => body with { Prefixes = values });
        Add("host", "HOST", "Hosts, with the port if it is not the scheme's own.", (body, values) => body with { Hosts = values });
        var confirm = new Option<bool>("--confirm") { Description = "That everything is meant." };
        var all = new Command("all", "Everything.") { confirm };
        all.SetAction((parsed, cancel) => SendAsync(parsed, new() { Everything = true, Confirm = parsed.GetValue(confirm) }, cancel));
        purge.Subcommands.Add(all);
        return purge;

        void Add(string name, string value, string description, Func<PurgeBody, string[], PurgeBody> with)
        {
            var values = new Argument<string[]>(value) { Description = description, Arity = ArgumentArity.OneOrMore };
            var verb = new Command(name, description) { values };
            verb.SetAction((parsed, cancel) => SendAsync(parsed, with(new(), parsed.GetValue(values)!), cancel));
            purge.Subcommands.Add(verb);
        }

        async Task<int> SendAsync(ParseResult parsed, PurgeBody body, CancellationToken cancel)
        {
            body = body with { Mode = parsed.GetValue(soft) ? "soft" : null, Wait = parsed.GetValue(wait), Timeout = parsed.GetValue(timeout), DryRun = parsed.GetValue(dryRun) };
            var console = parsed.InvocationConfiguration;
            var admin = client(parsed);
            var (code, answer) = await admin.SendAsync(HttpMethod.Post, PurgeEndpoints.Path, JsonSerializer.Serialize(IsShown(parsed) ? body with { Wait = "none" } : body, Answer.Json), cancel, TimeoutOf(body.Timeout));
            if (code == ExitCode.Stopped && IsShown(parsed))
                answer = await WaitAsync(admin, answer, body, console.Error, cancel);
            if (code != ExitCode.Stopped)
            {
                await console.Error.WriteLineAsync(answer);
                return code;
            }
            var isJson = parsed.GetValue(json);
            if (body.DryRun)
            {
                await console.Output.WriteLineAsync(isJson ? answer : Text(JsonSerializer.Deserialize<PurgeTrial>(answer, Answer.Json)!));
                return code;
            }
            var purge = JsonSerializer.Deserialize<PurgeAnswer>(answer, Answer.Json)!;
            await console.Output.WriteLineAsync(isJson ? answer : ListVerbs.Text(purge));
            return purge.Status is "complete" or "region" || body.Wait == "none" ? code : ExitCode.Pending;
        }

        bool IsShown(ParseResult parsed) => looksOn() && !parsed.GetValue(json) && !parsed.GetValue(dryRun) && parsed.GetValue(wait) is null or "all" or "region";
    }

    /// <summary>Asks again and again, and says how far it is.</summary>
    /// <param name="body">What was asked for, and how long for.</param>
    internal static async Task<string> WaitAsync(AdminClient admin, string answer, PurgeBody body, TextWriter error, CancellationToken cancel)
    {
        var patience = TimeoutOf(body.Timeout);
        var startedAt = TimeProvider.System.GetTimestamp();
        while (JsonSerializer.Deserialize<PurgeAnswer>(answer, Answer.Json) is { Status: "pending" } purge && TimeProvider.System.GetElapsedTime(startedAt) < patience)
        {
            await error.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"\r{purge.Applied.Count} of {purge.Applied.Count + purge.Pending.Count} nodes have applied it "));
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancel);
            var (code, next) = await admin.SendAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{PurgeEndpoints.Path}/{purge.Position}?wait={body.Wait ?? "all"}"), body: null, cancel);
            if (code != ExitCode.Stopped)
            {
                // The log has taken it: that stays true, whatever became of the question.
                await error.WriteAsync($"\nThe purge is taken, but how far it is cannot be asked: {next}");
                break;
            }
            answer = next;
        }
        await error.WriteLineAsync();
        return answer;
    }

    /// <summary>As the edge reads it; what it refuses it says itself.</summary>
    private static TimeSpan TimeoutOf(string? text) =>
        text is null || !Duration.TryParse(text, out var timeout) ? PurgeEndpoints.DefaultTimeout
        : timeout < PurgeEndpoints.MostTimeout ? timeout : PurgeEndpoints.MostTimeout;

    private static string Text(PurgeTrial trial) =>
        string.Create(CultureInfo.InvariantCulture, $"Would purge {trial.Responses:N0} stored responses, {trial.Bytes:N0} bytes. Nothing was purged.");
}
