using System.Globalization;
using System.IO.Hashing;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Policies;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Reuse;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Model;

namespace DistCache.Proxy.Explaining;

/// <summary>From what the rules looked at to what an explanation shows of it. Credentials and cookies stay unsaid.</summary>
internal static class Description
{
    private const string Unsaid = "(not shown)";

    /// <summary>The fields that decide over storing and freshness, besides the policy's targeted ones.</summary>
    private static readonly string[] Telling =
    [
        FieldNames.CacheControl, FieldNames.SurrogateControl, FieldNames.Expires, FieldNames.Date, FieldNames.Age, FieldNames.LastModified,
        FieldNames.ETag, FieldNames.Vary, FieldNames.ContentLength, FieldNames.ContentRange, FieldNames.ContentLocation,
    ];

    public static ExplainedRoute Of(HttpContext context, RouteModel route) => new(
        route.Config.RouteId,
        route.Config.Order ?? 0,
        route.Config.Match.Hosts ?? [],
        route.Config.Match.Path,
        route.Config.Match.Methods ?? [],
        route.Config.ClusterId,
        [.. route.Cluster?.Destinations.Values.Select(destination => destination.Model.Config.Address) ?? []],
        context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is { } authorization ? authorization.Policy ?? "default" : null);

    public static ExplainedKey Of(HttpRequest request, string route, LookUp lookUp) => new(
        XxHash3.HashToUInt64(lookUp.Key.Bytes).ToString("x16", CultureInfo.InvariantCulture),
        request.Scheme, request.Host.Value!, request.Path.Value!, request.QueryString.Value!, route,
        [.. lookUp.Policy.Key.Headers, .. lookUp.Policy.Key.Cookies.Select(name => $"Cookie:{name}")]);

    public static ExplainedResponse Of(
        int status, FieldList fields, ReuseFacts reuse, TimeSpan resident, IReadOnlyList<string>? tags, int variants, CachePolicy policy, long? bytes) => new(
        status, Seconds(reuse.AgeAfter(resident)), Seconds(reuse.Lifetime), Word(reuse.LifetimeSource), Seconds(reuse.TtlAfter(resident)),
        Seconds(reuse.StaleWhileRevalidate), Seconds(reuse.StaleIfError), reuse.HasValidator, tags, variants, TellingFields(fields, policy), bytes);

    private static Dictionary<string, string> TellingFields(FieldList fields, CachePolicy policy)
    {
        var telling = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in (string[])[.. policy.Caching.TargetedFields, .. Telling])
            if (fields.Has(name))
                telling[name] = string.Join(", ", fields.Lines(name));
        if (fields.Has(FieldNames.SetCookie))
            telling[FieldNames.SetCookie] = Unsaid;
        return telling;
    }

    /// <summary>The fields in which this request differs from what is stored.</summary>
    public static List<ExplainedVariant> Differences(LookUp lookUp)
    {
        var names = lookUp.Variants!.Responses[0].Variant.Names;
        var asked = Variants.Of(names, lookUp.Context.Request.Headers, lookUp.Policy.Normalizer).Values;
        var differences = new List<ExplainedVariant>();
        for (var i = 0; i < names.Length; i++)
        {
            var (at, name) = (i, names[i]);
            var stored = new List<string?>();
            foreach (var response in lookUp.Variants.Responses)
                if (response.Variant.Names.AsSpan().SequenceEqual(names) && !stored.Contains(response.Variant.Values[at]))
                    stored.Add(response.Variant.Values[at]);
            if (!stored.Contains(asked[at]) || names.Length > 1)
                differences.Add(name is "cookie" or "authorization"
                    ? new(name, [.. stored.Select(Hidden)], Hidden(asked[at]))
                    : new(name, stored, asked[at]));
        }
        return differences;

        static string? Hidden(string? value) => value is null ? null : Unsaid;
    }

    private static string Word(LifetimeSource source) => source switch
    {
        LifetimeSource.SMaxAge => "s-maxage",
        LifetimeSource.MaxAge => "max-age",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);
}
