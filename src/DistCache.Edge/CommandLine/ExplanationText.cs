using System.Globalization;
using DistCache.Proxy.Explaining;

namespace DistCache.Edge.CommandLine;

/// <summary>An explanation for people: the answer first, then what it was made of.</summary>
internal static class ExplanationText
{
    public static void Write(Explanation explanation, TextWriter output)
    {
        output.WriteLine($"{explanation.Method} {explanation.Url}");
        output.WriteLine($"{Word(explanation.Decision)}: {explanation.Reason}{(explanation.Status is { } status ? $" (answers {status})" : "")}");
        output.WriteLine($"  {explanation.Because} [{explanation.Rule}]");
        output.WriteLine($"  What would help: {explanation.Remedy}");
        if (explanation.Setting is not null)
            output.WriteLine($"  Setting: {explanation.Setting}");
        output.WriteLine();
        if (explanation.Route is { } route)
            Line("route", $"{route.Id}: {(route.Hosts.Count == 0 ? "any host" : string.Join(", ", route.Hosts))} {route.Path} -> {route.Cluster} ({string.Join(", ", route.Destinations)}){(route.Authorization is null ? "" : $", after authorization '{route.Authorization}'")}");
        if (explanation.Policy is { } policy)
            Line("policy", $"{policy.Name} ({policy.Preset})");
        if (explanation.Key is { } key)
            Line("key", $"{key.Hash}: {key.Scheme}://{key.Host}{key.Path}{key.Query}{(key.Fields.Count == 0 ? "" : $", and {string.Join(", ", key.Fields)}")}");
        if (explanation.Stored is { } stored)
            Response("stored", stored, stored.Variants == 1 ? "" : $", one of {stored.Variants} variants");
        foreach (var variant in explanation.Differs ?? [])
            Line("differs", $"{variant.Field}: asked {variant.Asked ?? "(absent)"}; stored {string.Join(" | ", variant.Stored.Select(value => value ?? "(absent)"))}");
        if (explanation.Shared is { } shared)
            Line("shared", $"{shared.Answer}: {shared.Because}");
        if (explanation.Shared is { Copy: { } copy })
            Response("", copy, "");
        if (explanation.Owner is { } owner)
            Line("owner", $"{owner} keeps it for this region");
        if (explanation.Shield is { } shield)
            Line("shield", $"{shield.Region}: {(shield.Nodes.Count == 0 ? "no node can be asked now, so the origin is" : string.Join(", then ", shield.Nodes))}");
        if (explanation.Origin is { Error: { } error })
            Line("origin", $"gave no answer: {error}");
        if (explanation.Origin is { Response: { } response } origin)
            Response("origin", response, origin.MayStore ? ", may be stored" : ", may not be stored");

        void Line(string name, string text) => output.WriteLine($"{name,-8} {text}");

        void Response(string name, ExplainedResponse said, string more)
        {
            var lifetime = said.LifetimeFrom == "none" ? "no lifetime" : $"lifetime {Seconds(said.Lifetime)} ({said.LifetimeFrom})";
            Line(name, $"{said.Status}, {lifetime}, age {Seconds(said.Age)}, {(said.Ttl > 0 ? $"fresh for {Seconds(said.Ttl)}" : $"stale for {Seconds(-said.Ttl)}")}{(said.Bytes is { } bytes ? $", {bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes" : "")}{more}");
            foreach (var (field, value) in said.Fields)
                Line("", $"{field}: {value}");
            if (said.Tags is { Count: > 0 } tags)
                Line("", $"tags: {string.Join(' ', tags)}");
        }
    }

    private static string Word(ExplainedDecision decision) => decision.ToString().ToLowerInvariant();

    private static string Seconds(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture) + " s";
}
