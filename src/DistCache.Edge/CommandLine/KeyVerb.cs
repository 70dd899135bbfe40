using System.CommandLine;
using System.Text.Json;
using DistCache.Edge.Admin.Access;

namespace DistCache.Edge.CommandLine;

/// <summary><c>key new NAME</c>: an API key for the admin port, shown once, and the configuration that knows it by its hash.</summary>
internal static class KeyVerb
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Build()
    {
        var name = new Argument<string>("NAME") { Description = "Who will use it; stands in the audit log." };
        var scopes = new Option<string[]>("--scope") { HelpName = string.Join('|', Scopes.Names), Description = "What it may do, may be repeated. [default: purge, read]" };
        scopes.AcceptOnlyFromAmong([.. Scopes.Names]);
        var make = new Command("new", "Makes a key, as in: DistCache.Edge key new shop --scope purge") { name, scopes };
        make.SetAction(async (parsed, cancel) =>
        {
            var console = parsed.InvocationConfiguration;
            var (key, hash) = ApiKey.Make();
            var written = new Dictionary<string, object> { [parsed.GetValue(name)!] = new { Hash = hash, Scopes = parsed.GetValue(scopes) is { Length: > 0 } named ? named : ["purge", "read"] } };
            await console.Error.WriteLineAsync("The key, which is shown only now; the configuration knows it by its hash:");
            await console.Output.WriteLineAsync(key);
            await console.Error.WriteLineAsync(JsonSerializer.Serialize(new { DistCache = new { Admin = new { Keys = written } } }, Indented));
            return ExitCode.Stopped;
        });
        return new Command("key", "API keys for the admin port.") { make };
    }
}
