using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DistCache.Edge.Certificates;

/// <summary>A certificate with its private key and the chain that is sent with it.</summary>
internal sealed class LoadedCertificate
{
    private static readonly TimeSpan WarnedBefore = TimeSpan.FromDays(7);
    private readonly X509Certificate2 _leaf;

    public LoadedCertificate(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        _leaf = leaf;

        // Offline: what is missing in the file is not fetched from strangers while clients wait.
        Context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    /// <summary>One for all handshakes: sessions are resumed by it.</summary>
    public SslStreamCertificateContext Context { get; }

    public DateTimeOffset NotBefore => new(_leaf.NotBefore.ToUniversalTime());

    public DateTimeOffset NotAfter => new(_leaf.NotAfter.ToUniversalTime());

    public string Subject => _leaf.Subject;

    /// <param name="serverName">A host, <c>*.example.org</c> or <c>*</c>.</param>
    public bool IsFor(string serverName) => serverName switch
    {
        "*" => true,
        ['*', '.', ..] => Matches("any" + serverName[1..]),
        _ => Matches(serverName),
    };

    /// <summary>To follow the file's name; null: clients take it.</summary>
    public string? WhatIsWrong(DateTimeOffset now) =>
        now > NotAfter ? $"has expired on {NotAfter:yyyy-MM-dd HH:mm}Z"
        : now < NotBefore ? $"is not valid before {NotBefore:yyyy-MM-dd HH:mm}Z"
        : null;

    /// <summary>A week or, for one that lives for weeks only, a tenth of its life before the end: whoever renews it is late.</summary>
    public bool EndsSoon(DateTimeOffset now) => NotAfter - now < TimeSpan.FromTicks(Math.Min(WarnedBefore.Ticks, (NotAfter - NotBefore).Ticks / 10));

    /// <summary>What is no DNS name, and one whose own names cannot be decoded: no client takes it for that.</summary>
    private bool Matches(string host)
    {
        try
        {
            return _leaf.MatchesHostname(host);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return false;
        }
    }
}
