using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DistCache.Edge.Configuration;
using DistCache.Edge.Hosts;
using DistCache.Edge.Admin;
using DistCache.Edge.Memory;
using DistCache.Edge.Node;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Policies;

namespace DistCache.Edge.CommandLine;

/// <summary><c>config check | show | routes | policies | schema</c>: what a start would make of the configuration. Nothing is opened or changed.</summary>
internal static class ConfigVerb
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Build(Func<ParseResult, EdgeArguments> read)
    {
        var json = new Option<bool>("--json") { Description = "Answer in JSON.", Recursive = true };
        var files = new Argument<string[]>("FILE") { Description = "More configuration files, as with --config.", Arity = ArgumentArity.ZeroOrMore };
        var config = new Command("config", "Looks at the configuration as a start would read it. Exit code 0 when it is good, 2 when it is not.") { json };
        Add("check", "Tells every error with its file, key and remedy, as in: DistCache.Edge config check config/examples/shop.json", Check);
        Add("show", "Every setting in force and where it comes from: a file, secrets, environment, command line or default.", Show);
        Add("routes", "The routes with their clusters and policies.", Routes);
        Add("policies", "The policies: what is written, and the default of everything else.", Policies);
        var schema = new Command("schema", "The JSON schema for editors (config/distcache.schema.json).");
        schema.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(ConfigurationSchema.Text()));
        config.Subcommands.Add(schema);
        return config;

        void Add(string name, string description, Action<ConfigurationCheck, TextWriter, bool> write)
        {
            var verb = new Command(name, description) { files };
            verb.SetAction(async (parsed, _) =>
            {
                var arguments = read(parsed);
                arguments = arguments with { Config = [.. arguments.Config, .. parsed.GetValue(files) ?? []] };
                var check = await ConfigurationCheck.RunAsync(arguments, AppContext.BaseDirectory);
                foreach (var error in check.Errors)
                    await parsed.InvocationConfiguration.Error.WriteLineAsync(error);
                if (check.Errors.Count == 0 || name == "check")
                    write(check, parsed.InvocationConfiguration.Output, parsed.GetValue(json));
                return check.Errors.Count == 0 ? ExitCode.Stopped : ExitCode.ToBePutRight;
            });
            config.Subcommands.Add(verb);
        }
    }

    private static void Check(ConfigurationCheck check, TextWriter output, bool json)
    {
        if (json)
            WriteJson(output, new { good = check.Errors.Count == 0, errors = check.Errors, files = check.Configuration.Files.Select(file => file.Name) });
        else if (check.Errors.Count == 0)
            output.WriteLine($"Good: {check.Proxy!.Routes.Count} routes, {check.Proxy.Clusters.Count} clusters, {check.Proxy.Policies.Names.Count()} policies from {string.Join(", ", check.Configuration.Files.Select(file => file.Name))}.");
    }

    private static void Show(ConfigurationCheck check, TextWriter output, bool json)
    {
        var merged = check.Configuration.Merged;
        var values = merged.Values.Where(pair => pair.Value is not null && IsOurs(pair.Key))
            .Select(pair => (pair.Key, Value: pair.Value!, Source: merged.LayerOf(pair.Key)!.Name)).ToList();
        foreach (var (key, value) in Defaults(check.Start))
            if (!values.Any(known => known.Key.Equals(key, StringComparison.OrdinalIgnoreCase) || known.Key.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)))
                values.Add((key, value, ConfigurationLayer.Default));
        var shown = values.OrderBy(value => value.Key, StringComparer.Ordinal)
            .Select(value => new { key = value.Key, value = SecretFiles.IsSecret(value.Key) || value.Source == ConfigurationLayer.Secrets ? "***" : value.Value, source = value.Source }).ToArray();
        if (json)
            WriteJson(output, shown);
        else
            foreach (var value in shown)
                output.WriteLine($"{value.key} = {value.value}  ({value.source})");
    }

    private static bool IsOurs(string key) =>
        Array.Exists(["DistCache:", "ReverseProxy:", "Kestrel:", "Logging:"], section => key.StartsWith(section, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<(string Key, string Value)> Defaults(StartOptions start) =>
    [
        (NodeOptions.IdKey, start.Node.Id),
        (NodeOptions.RegionKey, start.Node.Region),
        (MemoryOptions.CapacityKey, start.Memory.Capacity.ToString(CultureInfo.InvariantCulture)),
        (MemoryOptions.MaxObjectSizeKey, start.Memory.MaxObjectSize.ToString(CultureInfo.InvariantCulture)),
        (ListenOptions.Key, string.Join(';', start.Listen)),
        (AdminOptions.ListenKey, start.Admin!.Listen.ToString()),
        (CatchAllRoute.PresetKey, "safe"),
    ];

    private static void Routes(ConfigurationCheck check, TextWriter output, bool json)
    {
        var routes = check.Proxy!.Routes.OrderBy(route => route.Order ?? 0).ThenBy(route => route.RouteId, StringComparer.Ordinal).Select(route => new
        {
            id = route.RouteId,
            order = route.Order ?? 0,
            hosts = route.Match.Hosts ?? [],
            path = route.Match.Path ?? "/{**any}",
            methods = route.Match.Methods ?? [],
            cluster = route.ClusterId,
            policy = route.Metadata?.GetValueOrDefault("DistCache.Policy"),
            destinations = check.Proxy.Clusters.FirstOrDefault(cluster => cluster.ClusterId.Equals(route.ClusterId, StringComparison.OrdinalIgnoreCase))?.Destinations?.Values.Select(destination => destination.Address) ?? [],
        }).ToArray();
        if (json)
            WriteJson(output, routes);
        else
            foreach (var route in routes)
                output.WriteLine($"{route.id}: {(route.hosts.Count == 0 ? "any host" : string.Join(", ", route.hosts))} {route.path}{(route.methods.Count == 0 ? "" : $" ({string.Join(", ", route.methods)})")} -> {route.cluster} ({string.Join(", ", route.destinations)}), {(route.policy is null ? "passes" : $"policy {route.policy}")}");
    }

    private static void Policies(ConfigurationCheck check, TextWriter output, bool json)
    {
        var policies = check.Proxy!.Policies.Names.Select(name => new
        {
            name,
            settings = PolicyKeys.All.SelectMany(key => Written(check, $"DistCache:Policies:{name}", key)).ToArray(),
        }).ToArray();
        if (json)
        {
            WriteJson(output, policies.Select(policy => new { policy.name, settings = policy.settings.Select(setting => new { key = setting.Key, value = setting.Value, written = setting.IsWritten }) }));
            return;
        }

        foreach (var policy in policies)
        {
            output.WriteLine(policy.name);
            foreach (var (key, value, isWritten) in policy.settings)
                output.WriteLine($"  {key} = {value}{(isWritten ? "" : "  (default)")}");
        }
    }

    private static IEnumerable<(string Key, string Value, bool IsWritten)> Written(ConfigurationCheck check, string policy, ConfigurationKey key)
    {
        var at = key.Key.IndexOf(":{", StringComparison.Ordinal);
        var section = check.Configuration.Root.GetSection($"{policy}:{(at < 0 ? key.Key : key.Key[..at])}");
        var children = section.GetChildren().ToArray();
        if (at >= 0 && children.Length > 0)
            return children.Select(child => ($"{key.Key[..at]}:{child.Key}", child.Value ?? "", true));
        var value = children.Length > 0 ? string.Join(", ", children.Select(child => child.Value)) : section.Value;
        return [(key.Key, value ?? key.Default, value is not null)];
    }

    private static void WriteJson(TextWriter output, object value) => output.WriteLine(JsonSerializer.Serialize(value, Indented));
}
