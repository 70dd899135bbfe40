using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DistCache.Edge.Configuration;

namespace DistCache.Edge.Certificates;

/// <summary>From files or the machine's store to a certificate that a handshake can use; or what is wrong, by its key.</summary>
internal static class CertificateLoader
{
    /// <param name="section">The configuration section that names it.</param>
    public static LoadedCertificate? Load(CertificateSource source, CertificateBytes bytes, string section, out Complaint complaint)
    {
        complaint = default;
        if (bytes.Problem is var (name, what))
        {
            complaint = new($"{section}:{name}", what, what.EndsWith("exist", StringComparison.Ordinal) ? "Name a file that exists" : "Let this user read both files");
            return null;
        }

        try
        {
            var chain = source.Path is null ? FromStore(source) : source.KeyPath is null ? FromPfx(source, bytes) : FromPem(source, bytes);
            if (chain.FirstOrDefault(certificate => certificate.HasPrivateKey) is { } leaf)
                return new(leaf, [.. chain.Where(other => !other.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span))]);
            complaint = source.Path is null
                ? new($"{section}:Subject", $"the store {source} holds no such certificate with a private key", "Correct Subject, Store or Location, or set AllowInvalid for one that the machine does not trust")
                : new($"{section}:Path", $"'{source}' holds no private key", "Name the key in KeyPath, or use a PFX that holds it");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            complaint = new($"{section}:Path", $"'{source}' cannot be loaded ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})",
                source.KeyPath is null ? "A PEM file needs its key in KeyPath, a PFX its Password" : "Check that the key belongs to the certificate, and Password when the key is encrypted");
        }

        return null;
    }

    private static X509Certificate2Collection FromPfx(CertificateSource source, CertificateBytes bytes) =>
        X509CertificateLoader.LoadPkcs12Collection(bytes.Certificate, source.Password);

    /// <summary>The first certificate of the file is the site's own; what follows is its chain.</summary>
    private static X509Certificate2Collection FromPem(CertificateSource source, CertificateBytes bytes)
    {
        var certificates = Encoding.UTF8.GetString(bytes.Certificate);
        var key = Encoding.UTF8.GetString(bytes.Key!);
        var leaf = source.Password is null ? X509Certificate2.CreateFromPem(certificates, key) : X509Certificate2.CreateFromEncryptedPem(certificates, key, source.Password);
        if (OperatingSystem.IsWindows())
            leaf = X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pfx), null); // its TLS cannot use a key that is in memory only
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificates);
        chain.RemoveAt(0);
        chain.Insert(0, leaf);
        return chain;
    }

    private static X509Certificate2Collection FromStore(CertificateSource source)
    {
        using var store = new X509Store(source.Store, source.Location);
        store.Open(OpenFlags.ReadOnly);
        var found = store.Certificates.Find(X509FindType.FindBySubjectName, source.Subject!, validOnly: !source.AllowInvalid);
        return [.. found.Where(certificate => certificate.HasPrivateKey).OrderByDescending(certificate => certificate.NotAfter).Take(1)];
    }
}
