using System.Collections.Frozen;

namespace DistCache.Proxy.Explaining;

/// <summary>Every reason that explain can name, by its name.</summary>
public static class NamedReasons
{
    private const string Policy = "DistCache:Policies:{policy}:";
    private const string Gate = "The request is ambiguous or malformed; clients and origins must not be able to read it in two ways.";
    private const string Sound = "Send a sound request.";

    private static readonly FrozenDictionary<string, NamedReason> ByName = new NamedReason[]
    {
        // ---- the gate
        new("method-not-allowed", "CONNECT and TRACE are not served.", "RFC 9110 §9.3.6, §9.3.8", "Use GET or HEAD."),
        new("method-unknown", "The method has lower-case letters, and methods are case-sensitive.", "RFC 9110 §9.1", "Write the method in capitals."),
        new("options-of-this-server", "OPTIONS * and OPTIONS with Max-Forwards: 0 ask about this server, which answers them itself.", "RFC 9110 §9.3.7, §7.6.2", "Use GET or HEAD."),
        new("length-and-transfer-encoding", "Content-Length stands beside Transfer-Encoding. " + Gate, "RFC 9112 §6.3", Sound),
        new("transfer-encoding", "Transfer-Encoding stands where it may not, or on more than one line. " + Gate, "RFC 9112 §6.1", Sound),
        new("transfer-coding-unknown", "The transfer coding is not exactly chunked.", "RFC 9112 §6.1", "Send chunked, or a Content-Length."),
        new("field-name", "A field name is not a token. " + Gate, "RFC 9110 §5.1", Sound),
        new("field-value", "A field value has a control character. " + Gate, "RFC 9110 §5.5", Sound),
        new("connection", "Connection is no list of tokens, or names a field that is not hop-by-hop. " + Gate, "RFC 9110 §7.6.1", Sound),
        new("host", "Host is missing, or no host with an optional port.", "RFC 9110 §7.2", "Send one Host field."),
        new("authority", "The target names another scheme or authority than the connection and Host.", "RFC 9112 §3.2.2", Sound),
        new("expectation", "Expect is not exactly 100-continue with a body.", "RFC 9110 §10.1.1", "Leave Expect out."),
        new("fat-request", "GET and HEAD with a body could tell the origin something that no key shows.", "RFC 9110 §9.3.1", "Leave the body out, or use POST."),
        new("target-form", "The target is neither a path, nor an absolute URL, nor *.", "RFC 9112 §3.2", Sound),
        new("target-too-long", "The target is longer than 7,680 characters.", "RFC 9110 §15.5.15", "Shorten it: the usual origins take no more."),
        new("target-fragment", "The target has a #: fragments are never sent.", "RFC 9110 §7.1", "Leave out the # and what follows."),
        new("target-control", "The target has a raw or escaped control character, or a space.", "RFC 3986 §2", "Leave it out."),
        new("target-non-ascii", "The target has a raw byte outside ASCII.", "RFC 3986 §2", "Escape it, as %C3%A9."),
        new("target-escape", "A % in the path has no two hexadecimal digits behind it.", "RFC 3986 §2.1", "Write %25 for a %."),

        // ---- where the client is
        new("geo-blocked", "The route's rules do not allow it from the client's country or network.", "RFC 9110 §15.5.4, RFC 7725", "Change the route's DistCache.Geo.Allow or DistCache.Geo.Block; 'geo IP' tells what is known of an address.", "ReverseProxy:Routes:{route}:Metadata"),
        new("steered", "Another region is nearer to the client, which is sent there.", "RFC 9110 §15.4.8", "Nothing; or turn DistCache.Geo.Steer of the route off.", "ReverseProxy:Routes:{route}:Metadata"),

        // ---- before the look-up
        new("loop", "CDN-Loop names this node: the request came back to it.", "RFC 8586 §2", "Let the cluster's destination be the origin and not this edge.", "ReverseProxy:Clusters"),
        new("no-route", "No route matches the host, path, method, fields and query.", "ReverseProxy:Routes", "Add a route, or put its Match right.", "ReverseProxy:Routes"),
        new("no-policy", "The route names no cache policy: what it takes is passed on.", "OutputCachePolicy", "Name a policy of DistCache:Policies.", "ReverseProxy:Routes:{route}:OutputCachePolicy"),
        new("method", "Only GET and HEAD are looked up.", "RFC 9111 §4", "Use GET or HEAD for what may be cached."),
        new("upgrade", "The client asks for another protocol, as WebSocket.", "RFC 9110 §7.8", "Nothing: a connection cannot be cached."),
        new("event-stream", "The client asks for an event stream, which has no end.", "HTML, server-sent events", "Nothing: nobody should wait for another's stream."),
        new("precondition", "If-Match and If-Unmodified-Since are for the origin to evaluate.", "RFC 9110 §13.1.1, §13.1.4", "Leave them out of requests that a cache may answer."),
        new("bypass-cookie", "The request has a cookie that the policy names for bypass.", Policy + "Bypass:Cookies", "Narrow the list, or do not send the cookie there.", Policy + "Bypass:Cookies"),
        new("bypass-header", "The request has a field that the policy names for bypass.", Policy + "Bypass:Headers", "Narrow the list, or do not send the field.", Policy + "Bypass:Headers"),
        new("bypass-query", "The request has a query parameter that the policy names for bypass.", Policy + "Bypass:Query", "Narrow the list, or leave the parameter out.", Policy + "Bypass:Query"),

        // ---- the look-up
        new("fresh", "What is stored is fresh.", "RFC 9111 §4.2", "Nothing: it is a hit."),
        new("shared-tier", "Memory has nothing that may answer, and the region's shared tier holds a fresh copy.", "DistCache:Shared", "Nothing: it is a hit, and in memory from then on if it is admitted."),
        new("part", "A stored piece of the body holds the range that is asked for.", "RFC 9111 §3.3", "Nothing: it is a hit."),
        new("uri-miss", "Nothing is stored under this key: it was not asked for yet, was purged or made invalid by a write, or has left for lack of room.", "RFC 9211 §2.2", "Ask again after one GET. If it stays so, ask the origin (ask=true) what it says to storing, and look at the size of the memory tier.", "DistCache:Memory:Capacity"),
        new("vary-miss", "Responses are stored under this key, but none for this request's values of the fields that Vary names.", "RFC 9111 §4.1", "Reduce the values: Vary:AcceptEncoding, Vary:AcceptLanguage, or RemoveRequestFields for a field that changes nothing.", Policy + "Vary"),
        new("stale", "What is stored has become stale, and no window lets it answer meanwhile.", "RFC 9111 §4.2", "Let the origin give it longer (s-maxage), or let it be served while one request validates.", Policy + "StaleWhileRevalidate"),
        new("no-cache", "The stored response says no-cache: it is validated at each use.", "RFC 9111 §5.2.2.4", "Let the origin leave no-cache out of what may be reused, or give it a targeted field (CDN-Cache-Control)."),
        new("request-no-cache", "The client says no-cache, and the policy honours it.", "RFC 9111 §5.2.1.4", "Do not honour what clients say.", Policy + "HonourRequestDirectives"),
        new("request-max-age", "What is stored is older than the client's max-age, and the policy honours it.", "RFC 9111 §5.2.1.1", "Do not honour what clients say.", Policy + "HonourRequestDirectives"),
        new("request-min-fresh", "What is stored does not stay fresh for the client's min-fresh, and the policy honours it.", "RFC 9111 §5.2.1.3", "Do not honour what clients say.", Policy + "HonourRequestDirectives"),
        new("request-max-stale", "What is stored is stale, and the client's max-stale takes it.", "RFC 9111 §5.2.1.2", "Nothing: it is answered from the cache."),
        new("stale-while-revalidate", "What is stored is stale within its window: it answers at once while one request validates it.", "RFC 5861 §3", "Nothing: it is answered from the cache."),
        new("stale-if-error", "The origin fails, and what is stored is within its window for that.", "RFC 5861 §4", "Bring the origin back; until then it is answered from the cache."),
        new("suspect", "This node has not heard the purge log for longer than its lease (or its policy) allows, or has missed a part of it: what is stored answers only once the origin has confirmed it.", "DistCache:PurgeLog:Lease", "Bring the purge log back (healthz tells); or serve on without it, and let purges wait for this node.", Policy + "Partition"),
        new("only-if-cached", "The client says only-if-cached, and nothing usable is stored.", "RFC 9111 §5.2.1.7", "Ask once without only-if-cached."),

        // ---- what the origin's answer says to storing
        new("uncacheable-marker", "The last answer could not be stored, so for two minutes requests for it do not wait for each other.", "hit-for-pass", "See the reason for which it was not stored."),
        new("head", "HEAD creates no stored response.", "RFC 9111 §4.3.5", "Ask once with GET."),
        new("content-location", "The answer to this POST has no Content-Location that equals its URL.", "RFC 9110 §9.3.3", "Use GET for what may be cached."),
        new("status", "A response of this status is never stored as such.", "RFC 9111 §3", "Let the origin answer with a final status."),
        new("no-store", "The response says no-store.", "RFC 9111 §5.2.2.5", "Let the origin leave no-store out, or send this cache a field of its own: CDN-Cache-Control: max-age=60.", Policy + "TargetedFields"),
        new("request-no-store", "The client says no-store, and the policy honours it.", "RFC 9111 §5.2.1.5", "Do not honour what clients say.", Policy + "HonourRequestDirectives"),
        new("private", "The response says private: it is for one user.", "RFC 9111 §5.2.2.7", "If it is for everybody let the origin say public, or send CDN-Cache-Control.", Policy + "TargetedFields"),
        new("authorization", "The request has credentials, and the response does not permit a shared cache to store it.", "RFC 9111 §3.5", "If it is the same for everybody let the origin say public or s-maxage."),
        new("set-cookie", "The response sets a cookie: it may be one user's.", "RFC 9111 §7.3", "Let the origin set no cookie there; or store the response without it (store-without).", Policy + "SetCookie"),
        new("vary-star", "Vary is *: no other request is ever the same.", "RFC 9111 §4.1", "Let the origin name the request fields that its answer depends on."),
        new("no-freshness", "The response says nothing of freshness: no s-maxage, max-age or Expires.", "RFC 9111 §4.2.1, §3", "Let the origin send Cache-Control: s-maxage=60, or give the status a lifetime in the policy.", Policy + "Lifetimes:200"),
        new("store-for-validation", "The response has a validator but no lifetime: it is stored, and validated at each use.", "RFC 9111 §3, §4.3", "Let the origin send Cache-Control: s-maxage=60, or give the status a lifetime in the policy.", Policy + "Lifetimes:200"),
        new("must-understand", "The response says must-understand, and its status is not one that we know the rules of.", "RFC 9111 §5.2.2.3", "Let the origin use a registered status."),
        new("close-delimited", "The end of the response is the end of the connection: a cut body would look whole.", "RFC 9112 §6.3, RFC 9111 §3.3", "Let the origin send a Content-Length or chunked."),
        new("partial", "The origin answers a request without Range with 206, and this part may not be stored.", "RFC 9111 §3.3", "Let the origin answer with 200, or give the part a strong ETag and a fitting Content-Range."),
        new("validation-failed", "The origin answers with an error, which does not take the place of what may hide it.", "RFC 9111 §4.3.3", "Bring the origin back."),
        new("too-large", "The body is larger than what is stored.", "DistCache:Memory:MaxObjectSize, MaxObjectSize of the policy", "Raise the limit.", "DistCache:Memory:MaxObjectSize"),
        new("vary-on-client-address", "The response varies on the client's address, which no key shows.", "RFC 9111 §4.1", "Let the origin leave X-Forwarded-For, Forwarded and Via out of Vary."),

        // ---- the origin does not answer
        new("too-many-fills", "As many requests as may be are on their way to the origins.", "RFC 9110 §15.6.4", "Find out what is slow; or allow more at once.", "DistCache:Origin:MaxFills"),
        new("no-destination", "The route's cluster has no healthy destination.", "RFC 9110 §15.6.4", "Look at the cluster's destinations and health checks.", "ReverseProxy:Clusters"),
        new("origin-timeout", "The origin does not answer in time.", "RFC 9110 §15.6.5", "Find out why the origin is slow; or give it longer.", "DistCache:Origin:FirstByteTimeout"),
        new("origin-unreachable", "No answer can be had from the origin, or none that is valid.", "RFC 9110 §15.6.3", "Look at the destination's address and at the origin's log.", "ReverseProxy:Clusters"),
    }.ToFrozenDictionary(reason => reason.Name);

    public static IReadOnlyCollection<NamedReason> All => ByName.Values;

    public static NamedReason Of(string name) => ByName[name];
}
