using System.Security.Authentication;
using DistCache.Edge.Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DistCache.Edge.Hosts;

/// <summary>A data port: where it listens, what it speaks, and whom it shows which certificate.</summary>
/// <param name="Name">Its name under <c>Kestrel:Endpoints</c>, or its address from <c>DistCache:Listen</c>.</param>
/// <param name="Ssl">None: what the machine's TLS library finds best.</param>
internal sealed record DataEndpoint(string Name, ListenAddress Address, HttpProtocols Protocols, SslProtocols Ssl)
{
    /// <summary>Server name (<c>*</c>: any) to the section and the source of its certificate; empty for http.</summary>
    public IReadOnlyDictionary<string, (string Section, CertificateSource Source)> Certificates { get; init; } = new Dictionary<string, (string, CertificateSource)>();

    /// <summary>Certificates may change while it listens, the rest may not.</summary>
    public bool ListensLike(DataEndpoint other) => (Name, Address, Protocols, Ssl) == (other.Name, other.Address, other.Protocols, other.Ssl);
}
