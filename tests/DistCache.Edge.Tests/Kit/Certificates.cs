using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DistCache.Edge.Tests.Kit;

/// <summary>Self-signed certificates for tests, one key for all (making one takes time).</summary>
internal static class Certificates
{
    public static ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static X509Certificate2 Make(string host, DateTimeOffset from, DateTimeOffset until)
    {
        var request = new CertificateRequest($"CN={host}", Key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(from, until);
    }

    /// <summary>PEM of one whose subjectAltName is no DER.</summary>
    public static string WithoutReadableNames(string host, DateTimeOffset from, DateTimeOffset until)
    {
        var request = new CertificateRequest($"CN={host}", Key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", [0x30, 0x7F, 0x82], critical: false));
        using var made = request.CreateSelfSigned(from, until);
        return made.ExportCertificatePem();
    }

    /// <summary>A certificate and the one that signed it, both PEM; that one was signed by a third.</summary>
    public static (string Leaf, string Intermediate) Issue(string host, string issuer, DateTimeOffset from, DateTimeOffset until)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("root.example", rootKey).CreateSelfSigned(from, until);
        using var signed = Authority(issuer, issuerKey).Create(root, from, until, [1]);
        using var intermediate = signed.CopyWithPrivateKey(issuerKey);
        using var leaf = new CertificateRequest($"CN={host}", Key, HashAlgorithmName.SHA256).Create(intermediate, from, until, [2]);
        return (leaf.ExportCertificatePem(), intermediate.ExportCertificatePem());

        static CertificateRequest Authority(string name, ECDsa key)
        {
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
            return request;
        }
    }

    /// <summary>Writes <c>NAME.pem</c> and <c>NAME.key</c>.</summary>
    public static (string Path, string KeyPath) WritePem(TemporaryFolder folder, string name, string host, DateTimeOffset from, DateTimeOffset until)
    {
        using var certificate = Make(host, from, until);
        return (folder.Write($"{name}.pem", certificate.ExportCertificatePem()), folder.Write($"{name}.key", Key.ExportPkcs8PrivateKeyPem()));
    }
}
