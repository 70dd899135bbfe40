using System.Net;

namespace DistCache.Geo.Clients;

/// <summary>The way of a request from its client to the edge, as far as trusted proxies vouch for it.</summary>
/// <param name="Client">Null: nobody knows.</param>
/// <param name="Proxies">From the one that the client talked to, to the other end of the connection; each has named the hop before it.</param>
/// <param name="Scheme">By which the client talked to the first of them, where Forwarded says so; as it was written.</param>
public sealed record ForwardedHops(IPAddress? Client, IReadOnlyList<IPAddress> Proxies, string? Scheme);
