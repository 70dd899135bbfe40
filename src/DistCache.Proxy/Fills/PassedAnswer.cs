using DistCache.Proxy.Origins;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Requests;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Storing;
using DistCache.Storage.Bodies;
using DistCache.Storage.Keys;
using DistCache.Storage.Purging;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Fills;

/// <summary>
/// The answer to a passed request that later GETs may have: to a POST (RFC 9110 §9.3.3, rule 10), or a 206 to a range (rule 44). Copied on
/// its way to the client, and stored when it came whole. The request itself went to the origin as it was.
/// </summary>
internal sealed class PassedAnswer(FillServices services, CachePolicy policy, CacheKey key)
{
    private readonly long _asOf = services.Purges.Version;
    private readonly DateTimeOffset _askedAt = services.Time.GetUtcNow();
    private bool _isPart;
    private FillRequest? _request;
    private ResponseFacts? _facts;
    private OriginHead? _head;
    private StoredResponse? _response;
    private PassedBody? _passing;

    /// <summary>The head is here; what this write makes invalid has not been purged yet.</summary>
    public void Judge(HttpContext client, OriginHead head)
    {
        var facts = ResponseFacts.Read(head.Status, head.Fields, head.Framing, services.Time.GetUtcNow(), policy.Caching);
        var request = RequestReader.Facts(client.Request);
        var origin = new DetachedRequest(client, client.GetEndpoint()!);
        _isPart = HttpMethods.IsGet(request.Method);
        var mayStore = _isPart
            ? Parts.MayStore(request, facts, head.ContentLength, origin.TargetUri, policy.Caching)
            : StorageRules.Decide(request, facts, origin.TargetUri, policy.Caching).MayStore();
        if (!mayStore || head.ContentLength > policy.MostBytes(services.Limits) || Responses.VariesOnClientAddress(facts))
            return;
        // It answers the client's own words; under reduced ones others would get it.
        if (!policy.Normalizer.KeepsMeaning(client.Request.Headers, facts.Vary.Names))
            return;
        var version = services.Purges.Version;
        var url = client.Request;
        var identity = PurgeIdentity.Of(url.Scheme, url.Host.Value!, url.Path.Value + url.QueryString.Value, policy.WithTags(Purging.CacheTags.Of(facts.Fields)));
        if (!services.Purges.IsUntouched(identity, _asOf))
            return;
        _facts = facts;
        _head = head;
        _request = new() { Origin = origin, Facts = request, Key = _isPart ? Parts.KeyOf(key) : key, Policy = policy, AsOf = version, StartedAt = services.Time.GetTimestamp(), Identity = identity };
    }

    /// <summary>From here on the body passes by.</summary>
    /// <param name="own">Position of the purge that this very write caused, 0 when it caused none. The answer is newer than that one, but not than any other.</param>
    public void Begin(HttpContext client, long own)
    {
        if (_request is null || (own != 0 && own != _request.AsOf + 1))
            return;
        _request = own == 0 ? _request : _request with { AsOf = own };
        var body = new Body(services.Memory.Pool, _head!.MayHaveBody ? _head.ContentLength : 0, whole: true);
        _response = Responses.Make(_request, _facts!, CurrentAge.Initial(_facts!, _askedAt, services.Time.GetUtcNow()), _head, body, services);
        _passing = new(client.Response.Body, body, services, policy.MostBytes(services.Limits));
        client.Response.Body = _passing;
    }

    /// <param name="well">The answer came as its framing promised, as far as YARP can tell.</param>
    public async ValueTask EndAsync(HttpContext client, bool well)
    {
        if (_passing is not { } passing || _response is not { } response)
            return;
        client.Response.Body = passing.Client;
        Store(response, passing, well);
        if (well)
            await passing.ReleaseAsync(client.RequestAborted);
    }

    private void Store(StoredResponse response, PassedBody passing, bool well)
    {
        services.Kept(passing.Reserved);
        var body = response.Body;
        var isWhole = well && passing.IsWhole && (body.FullLength is not { } length || length == passing.Kept);
        if (isWhole)
            body.Complete();
        else
            body.Fail();
        if (!isWhole || !services.Purges.IsUntouched(response.Identity, response.AsOf))
        {
            body.Release();
        }
        else if (_isPart)
        {
            services.Parts.Store(response, policy.MostBytes(services.Limits)); // takes the body
        }
        else
        {
            services.Memory.Store(response); // takes the body
            services.Markers.Unmark(response.Key);
        }
    }
}
