using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DistCache.Edge.Hosts;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Hosts;

public sealed class CertificateTests : IDisposable
{
    private static readonly ListenAddress[] Https = [new(IsHttps: true, "*", 8443)];

    private readonly TemporaryFolder _folder = new();
    private readonly RSA _key = RSA.Create(2048);

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Https_without_a_certificate_names_the_key_and_http_needs_none()
    {
        Assert.Equal("Kestrel:Certificates:Default:Path: is missing, and https has no certificate without it. Name a PEM or PFX file there, and the PEM's key in KeyPath, or listen on http only.",
            Assert.Single(Check(Https)));
        Assert.Empty(Check([new(IsHttps: false, "*", 8080)]));
    }

    [Fact]
    public void A_PEM_file_with_its_key_and_a_PFX_with_its_password_are_taken()
    {
        var (certificate, key) = WritePem(_key);
        Assert.Empty(Check(Https, ("Path", certificate), ("KeyPath", key)));

        // Relative paths are relative to the program, as Kestrel reads them.
        Assert.Empty(Check(Https, ("Path", "certificate.pem"), ("KeyPath", "key.pem")));

        var pfx = Path.Combine(_folder.Path, "certificate.pfx");
        using (var made = Make(_key))
            File.WriteAllBytes(pfx, made.Export(X509ContentType.Pfx, "secret"));
        Assert.Empty(Check(Https, ("Path", pfx), ("Password", "secret")));
        Assert.StartsWith($"Kestrel:Certificates:Default:Path: '{pfx}' cannot be loaded", Assert.Single(Check(Https, ("Path", pfx), ("Password", "wrong"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_a_foreign_key_and_a_key_left_out_are_told_by_their_key()
    {
        using var otherKey = RSA.Create(2048);
        var (certificate, key) = WritePem(_key);
        var foreign = _folder.Write("foreign.pem", otherKey.ExportPkcs8PrivateKeyPem());

        Assert.Equal("Kestrel:Certificates:Default:Path: '/no/such.pem' does not exist. Name a file that exists.", Assert.Single(Check(Https, ("Path", "/no/such.pem"), ("KeyPath", key))));
        Assert.Equal("Kestrel:Certificates:Default:KeyPath: '/no/such.pem' does not exist. Name a file that exists.", Assert.Single(Check(Https, ("Path", certificate), ("KeyPath", "/no/such.pem"))));
        Assert.EndsWith("Check that the key belongs to the certificate, and Password when the key is encrypted.", Assert.Single(Check(Https, ("Path", certificate), ("KeyPath", foreign))), StringComparison.Ordinal);
        Assert.EndsWith("A PEM file needs its key in KeyPath, a PFX its Password.", Assert.Single(Check(Https, ("Path", certificate))), StringComparison.Ordinal);
    }

    private string[] Check(ListenAddress[] addresses, params (string Name, string? Value)[] values)
    {
        using var configuration = Reading.Of(_folder, [.. values.Select(value => ($"{CertificateOptions.Section}:{value.Name}", value.Value))]);
        CertificateOptions.Check(configuration.Settings, addresses, _folder.Path);
        return [.. configuration.Complaints.Select(complaint => complaint.ToString())];
    }

    private (string Certificate, string Key) WritePem(RSA key)
    {
        using var certificate = Make(key);
        return (_folder.Write("certificate.pem", certificate.ExportCertificatePem()), _folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem()));
    }

    private static X509Certificate2 Make(RSA key)
    {
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var from = DateTimeOffset.UnixEpoch;
        return request.CreateSelfSigned(from, from.AddYears(100));
    }
}
