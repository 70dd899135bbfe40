namespace DistCache.Geo.Clients;

/// <summary>
/// The one field by which trusted proxies name their clients. Only this one is read: a proxy that writes one of them hands on the other as the client
/// made it up.
/// </summary>
public enum ForwardedField
{
    /// <summary><c>X-Forwarded-For</c>.</summary>
    XForwardedFor,

    /// <summary><c>Forwarded</c> (RFC 7239).</summary>
    Forwarded,
}
