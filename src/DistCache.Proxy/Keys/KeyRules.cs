using System.Globalization;
using System.Text;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Keys;

/// <summary><c>Key</c> of a policy: what of a request selects a response besides scheme, host, path and query.</summary>
internal sealed class KeyRules
{
    public static readonly KeyRules None = new();

    /// <summary>Null: the query as it is.</summary>
    public QueryRules? Query { get; init; }

    public IReadOnlyList<string> Headers { get; init; } = [];

    public IReadOnlyList<string> Cookies { get; init; } = [];

    /// <summary>Null: the client's country is no part of it.</summary>
    public CountryKey? Country { get; init; }

    /// <summary>No field of a request and nothing of its client counts.</summary>
    public bool IsByUrlAlone => Headers.Count + Cookies.Count == 0 && Country is null;

    /// <summary>Each name and, behind its length, its value; an absent one differs from an empty one. Empty when none is part of the key.</summary>
    public string FieldsOf(HttpRequest request)
    {
        if (IsByUrlAlone)
            return "";
        var fields = new StringBuilder();
        foreach (var name in Headers)
            Add(fields, 'h', name, request.Headers.TryGetValue(name, out var lines) ? lines.ToString() : null);
        foreach (var name in Cookies)
            Add(fields, 'c', name, CookieFields.Find(request.Headers.Cookie, name));
        if (Country is not null)
            Add(fields, 'p', "country", RequestRecord.Of(request.HttpContext)?.KeyPlace);
        return fields.ToString();
    }

    private static void Add(StringBuilder fields, char kind, string name, string? value) =>
        fields.Append(CultureInfo.InvariantCulture, $"{kind}{name}={value?.Length ?? -1}:{value};");
}
