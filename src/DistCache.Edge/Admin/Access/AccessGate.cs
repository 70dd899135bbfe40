using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.Admin.Access;

/// <summary>In front of an endpoint: is there a key, does it have the scope, and is it not asking too much?</summary>
internal sealed class AccessGate(ApiKeys keys, int rate) : IDisposable
{
    /// <summary>Seconds' worth of requests that may come at once.</summary>
    private const int Burst = 10;

    private readonly PartitionedRateLimiter<string> _rates = PartitionedRateLimiter.Create<string, string>(caller =>
        RateLimitPartition.GetTokenBucketLimiter(caller, _ => new()
        {
            TokenLimit = rate * Burst,
            TokensPerPeriod = rate,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    /// <summary>401 without a known key, 403 without the scope, 429 beyond the rate; else <paramref name="endpoint"/>.</summary>
    public RequestDelegate Before(Scope scope, RequestDelegate endpoint) => context =>
    {
        if (CallerOf(context) is not { } caller)
        {
            if (keys.Count == 0)
                return Answer.ProblemAsync(context, StatusCodes.Status403Forbidden, "Without keys (DistCache:Admin:Keys) only programs of this machine are answered: ask for 127.0.0.1, [::1] or localhost, from no other site's page.");
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Answer.ProblemAsync(context, StatusCodes.Status401Unauthorized, "Send an API key of DistCache:Admin:Keys as 'Authorization: Bearer KEY' (or Fastly-Key: KEY).");
        }
        if (!caller.May(scope))
            return Answer.ProblemAsync(context, StatusCodes.Status403Forbidden, $"The key '{caller.Name}' lacks the scope {scope.Name()}.");
        using var lease = _rates.AttemptAcquire(caller.Name);
        if (!lease.IsAcquired)
        {
            context.Response.Headers.RetryAfter = "1";
            return Answer.ProblemAsync(context, StatusCodes.Status429TooManyRequests, $"More than {rate} requests a second (DistCache:Admin:Rate). Name several selectors in one purge, or wait.");
        }
        context.Items[typeof(Caller)] = caller;
        return endpoint(context);
    };

    public void Dispose() => _rates.Dispose();

    /// <summary>
    /// Without keys a web page that somebody looks at on this machine must not reach it: neither by a form or script of another site
    /// (Origin), nor by an image or a link of it, which have no Origin (Sec-Fetch-Site, which no page can set), nor by a name of that site that leads
    /// here (Host).
    /// </summary>
    private static bool IsOfThisMachine(HttpRequest request)
    {
        var host = request.Host.Host.Trim('[', ']');
        var isLoopback = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
        return isLoopback
            && request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
            && (request.Headers.Origin.Count == 0 || (Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out var origin) && origin.Authority == request.Host.Value));
    }

    private Caller? CallerOf(HttpContext context)
    {
        if (keys.Count == 0)
            return IsOfThisMachine(context.Request) ? new($"{context.Connection.RemoteIpAddress}", Scope.Admin) : null;
        var authorization = context.Request.Headers.Authorization.ToString();
        var key = authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization["Bearer ".Length..].Trim() : context.Request.Headers["Fastly-Key"].ToString();
        return key.Length > 0 && keys.Find(key) is { } found ? new(found.Name, found.Scopes) : null;
    }
}
