using System.Net;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DistCache.Proxy.Explaining;

/// <summary>A request that no connection brought: what a client would send for a URL, for the gate, the routes and the rules to look at.</summary>
internal sealed class ExplainedRequest : IPersistentStateFeature, IHttpRequestBodyDetectionFeature
{
    private ExplainedRequest(string scheme, string authority, string target, string method, IPAddress client)
    {
        Url = $"{scheme}://{authority}{target}";
        var path = target.Split('?', 2);
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Protocol = "HTTP/1.1",
            Method = method,
            Scheme = scheme,
            Path = path[0],
            QueryString = path.Length > 1 ? "?" + path[1] : "",
            RawTarget = target,
            Headers = new HeaderDictionary { ["Host"] = authority },
            Body = Stream.Null,
        });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = client, LocalIpAddress = IPAddress.Loopback });
        features.Set<IHttpRequestBodyDetectionFeature>(this);
        features.Set<IPersistentStateFeature>(this);
        Context = new DefaultHttpContext(features);
        Context.Items[typeof(ExplainedRequest)] = this;
        Record = RequestRecord.Begin(Context, startedAt: 0, revision: 0);
    }

    public HttpContext Context { get; }

    public string Url { get; }

    /// <summary>What the gate says of it, where it does not let it through.</summary>
    public RequestRecord Record { get; }

    public bool AsksOrigin { get; init; }

    /// <summary>Null: it did not get past the gate.</summary>
    public Explanation? Explanation { get; set; }

    IDictionary<object, object?> IPersistentStateFeature.State { get; } = new Dictionary<object, object?>();

    bool IHttpRequestBodyDetectionFeature.CanHaveBody => false;

    public static ExplainedRequest Of(HttpContext context) => (ExplainedRequest)context.Items[typeof(ExplainedRequest)]!;

    /// <param name="url">Absolute, http or https. Its path and query are taken as they are written.</param>
    /// <param name="fieldLines">As <c>Name: value</c>.</param>
    /// <param name="client">Other end of the connection; empty: this machine.</param>
    /// <param name="wrong">What is wrong and how to put it right, when null is returned.</param>
    public static ExplainedRequest? Read(string url, string method, IEnumerable<string> fieldLines, string client, bool asksOrigin, out string? wrong)
    {
        wrong = null;
        var scheme = url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http" : url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https" : null;
        var rest = scheme is null ? "" : url[(scheme.Length + 3)..];
        var end = rest.IndexOfAny(['/', '?', '#']);
        var authority = end < 0 ? rest : rest[..end];
        if (authority.Length == 0)
        {
            wrong = $"url: '{url}' is not absolute. Write http:// or https://, the host that clients ask for, and the path, as in https://shop.example/a?b=c.";
            return null;
        }
        if (method.Length == 0 || method == "PURGE")
        {
            wrong = $"method: '{method}' is no request for the cache. Write GET, HEAD, POST or another one that clients send.";
            return null;
        }
        var address = IPAddress.Loopback;
        if (client.Length > 0 && !IPAddress.TryParse(client, out address))
        {
            wrong = $"client: '{client}' is not an IP address. Write one, as in 203.0.113.7.";
            return null;
        }
        var target = end < 0 ? "/" : rest[end] == '/' ? rest[end..] : "/" + rest[end..];
        var request = new ExplainedRequest(scheme!, authority, target, method, address!) { AsksOrigin = asksOrigin };
        foreach (var line in fieldLines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.AsSpan().IndexOfAny('\r', '\n') >= 0)
            {
                wrong = $"header: '{line}' is no field line. Write 'Name: value', as in 'Accept-Encoding: br'.";
                return null;
            }
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            var headers = request.Context.Request.Headers;
            headers[name] = name.Equals("Host", StringComparison.OrdinalIgnoreCase) ? value : Microsoft.Extensions.Primitives.StringValues.Concat(headers[name], value);
        }
        return request;
    }
}
