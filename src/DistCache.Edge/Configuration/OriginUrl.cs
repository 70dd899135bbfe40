using Microsoft.Extensions.Configuration;

namespace DistCache.Edge.Configuration;

/// <summary>The value of <c>--origin</c>: an absolute http or https URL; its path, if any, is put before the path of every request.</summary>
internal static class OriginUrl
{
    public const string RouteId = "origin";
    private const string Remedy = "Write an http or https URL with a host, as in http://127.0.0.1:5000";

    public static Complaint? Check(string text, IConfiguration weaker)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            return new("--origin", $"'{text}' is not an http or https URL", Remedy);
        if (url.UserInfo.Length > 0)
            return new("--origin", "a user name or password in the URL is not sent to the origin", "Leave it out, and set an Authorization header with a YARP transform");
        if (url.Query.Length > 0 || url.Fragment.Length > 0)
            return new("--origin", $"'{text}' has a query or a fragment, which no request would carry", Remedy);

        // Configuration merges by key: a route of that name from a file would be mixed with this one.
        if (weaker.GetSection($"ReverseProxy:Routes:{RouteId}").Exists() || weaker.GetSection($"ReverseProxy:Clusters:{RouteId}").Exists())
            return new("--origin", $"the configuration already has a route or cluster named '{RouteId}'", "Rename that one, or leave --origin out");
        return null;
    }
}
