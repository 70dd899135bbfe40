using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace DistCache.Edge.CommandLine;

/// <summary><c>cert dev</c>: a self-signed certificate for trying https out.</summary>
internal static class CertVerb
{
    public static Command Build()
    {
        var folder = new Option<string>("--out") { Description = "The folder for certificate.pem and key.pem. [default: .]", HelpName = "FOLDER", DefaultValueFactory = _ => "." };
        var hosts = new Option<string[]>("--host") { Description = "A host name or address, may be repeated. [default: localhost, 127.0.0.1, ::1]", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "Answer in JSON." };
        var dev = new Command("dev", "Writes a self-signed development certificate, good for a year, as in: DistCache.Edge cert dev --out /tmp/cert --host shop.localhost") { folder, hosts, json };
        dev.SetAction(parsed => Write(
            parsed.GetValue(folder)!, parsed.GetValue(hosts) is { Length: > 0 } named ? named : ["localhost", "127.0.0.1", "::1"], parsed.GetValue(json), parsed.InvocationConfiguration));
        return new Command("cert", "Certificates.") { dev };
    }

    private static int Write(string folder, string[] hosts, bool json, InvocationConfiguration console)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var certificatePath = Path.GetFullPath(Path.Combine(folder, "certificate.pem"));
            var keyPath = Path.GetFullPath(Path.Combine(folder, "key.pem"));
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var certificate = Make(key, hosts);
            WriteSecret(keyPath, key.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
            if (json)
            {
                console.Output.WriteLine(JsonSerializer.Serialize(new { certificate = certificatePath, key = keyPath, hosts, notAfter = certificate.NotAfter.ToUniversalTime() }));
                return ExitCode.Stopped;
            }

            console.Output.WriteLine($"{certificatePath} and {keyPath}, for {string.Join(", ", hosts)}, until {certificate.NotAfter:yyyy-MM-dd}. Nobody but you should trust it. Start with:");
            console.Output.WriteLine($"Kestrel__Certificates__Default__Path={certificatePath} Kestrel__Certificates__Default__KeyPath={keyPath} DistCache.Edge --listen https://*:8443");
            return ExitCode.Stopped;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            console.Error.WriteLine($"--out: {e.Message} Name a folder that this user may write to.");
            return ExitCode.ToBePutRight;
        }
    }

    private static X509Certificate2 Make(ECDsa key, string[] hosts)
    {
        var request = new CertificateRequest($"CN={hosts[0]}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], critical: false));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
    }

    /// <summary>Readable by its owner alone from its first byte on.</summary>
    private static void WriteSecret(string path, string text)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }
}
