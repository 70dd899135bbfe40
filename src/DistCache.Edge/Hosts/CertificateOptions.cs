using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DistCache.Edge.Configuration;

namespace DistCache.Edge.Hosts;

/// <summary>
/// Kestrel's own <c>Kestrel:Certificates:Default:{Path, KeyPath, Password}</c>: a PEM file with its key, or a PFX. Kestrel loads it;
/// here it is tried before, so that a wrong file is told by its key and never replaced by a developer's certificate.
/// </summary>
internal static class CertificateOptions
{
    public const string Section = "Kestrel:Certificates:Default";

    public static void Check(Settings settings, IEnumerable<ListenAddress> addresses, string contentRoot)
    {
        if (!addresses.Any(a => a.IsHttps))
            return;

        // Subject and Store name a certificate of the machine's store: Kestrel looks there by itself.
        if (settings[$"{Section}:Path"] is not { } path)
        {
            if (settings[$"{Section}:Subject"] is null)
                settings.Complain($"{Section}:Path", "is missing, and https has no certificate without it",
                    "Name a PEM or PFX file there, and the PEM's key in KeyPath, or listen on http only");
            return;
        }

        // Kestrel resolves both against the content root.
        path = Path.Combine(contentRoot, path);
        var keyPath = settings[$"{Section}:KeyPath"] is { } key ? Path.Combine(contentRoot, key) : null;
        if (Exists(settings, "Path", path) && (keyPath is null || Exists(settings, "KeyPath", keyPath)))
            TryLoad(settings, path, keyPath, settings[$"{Section}:Password"]);
    }

    private static bool Exists(Settings settings, string name, string path)
    {
        if (File.Exists(path))
            return true;
        settings.Complain($"{Section}:{name}", $"'{path}' does not exist", "Name a file that exists");
        return false;
    }

    private static void TryLoad(Settings settings, string path, string? keyPath, string? password)
    {
        try
        {
            using var certificate = keyPath is null
                ? X509CertificateLoader.LoadPkcs12FromFile(path, password)
                : password is null
                    ? X509Certificate2.CreateFromPemFile(path, keyPath)
                    : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath);
            if (!certificate.HasPrivateKey)
                settings.Complain($"{Section}:Path", $"'{path}' holds no private key", "Name the key in KeyPath, or use a PFX that holds it");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            settings.Complain($"{Section}:Path", $"'{path}' cannot be loaded ({e.Message.TrimEnd('.')})",
                keyPath is null
                    ? "A PEM file needs its key in KeyPath, a PFX its Password"
                    : "Check that the key belongs to the certificate, and Password when the key is encrypted");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            settings.Complain($"{Section}:Path", $"'{path}' or its key cannot be read", "Let this user read both files");
        }
    }
}
