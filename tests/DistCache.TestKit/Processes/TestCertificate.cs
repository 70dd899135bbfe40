using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DistCache.TestKit;

/// <summary>Self-signed certificates, made for one run.</summary>
public static class TestCertificate
{
    /// <summary>For localhost and 127.0.0.1: PKCS #12 with its key, without a password.</summary>
    internal static byte[] Pfx()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = Make(key, "localhost", now.AddDays(-1), now.AddDays(30));
        return certificate.Export(X509ContentType.Pfx);
    }

    /// <summary>For one host and 127.0.0.1, certificate and key as PEM.</summary>
    public static (string Certificate, string Key) Pem(string host, TimeSpan from, TimeSpan until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = Make(key, host, now + from, now + until);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Make(ECDsa key, string host, DateTimeOffset from, DateTimeOffset until)
    {
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(from, until);
    }
}
