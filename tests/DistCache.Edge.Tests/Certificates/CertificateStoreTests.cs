using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DistCache.Edge.Certificates;
using DistCache.Edge.Configuration;
using DistCache.Edge.Hosts;
using DistCache.Edge.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Made = DistCache.Edge.Tests.Kit.Certificates;

namespace DistCache.Edge.Tests.Certificates;

public sealed class CertificateStoreTests : IDisposable
{
    private const string Default = "Kestrel:Certificates:Default";
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly CertificateStore _store;

    public CertificateStoreTests() => _store = new(_folder.Path, NullLogger.Instance, _time);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Https_without_a_certificate_names_the_key_and_http_needs_none()
    {
        Assert.Equal($"{Default}:Path: is missing, and https has no certificate without it. Name a PEM or PFX file there, and the PEM's key in KeyPath, or listen on http only.",
            Assert.Single(Open((ListenOptions.Key, "https://*:8443"))));
        Assert.Empty(Open((ListenOptions.Key, "http://*:8080")));
    }

    [Fact]
    public void A_PEM_file_with_its_key_and_a_PFX_with_its_password_are_taken()
    {
        var (certificate, key) = Write("a");
        Assert.Empty(Open(Https(("Path", certificate), ("KeyPath", key))));

        // Relative paths are relative to the program, as Kestrel reads them.
        Assert.Empty(Open(Https(("Path", "a.pem"), ("KeyPath", "a.key"))));

        var pfx = Path.Combine(_folder.Path, "certificate.pfx");
        using (var made = Made.Make("a.example", Start, Start.AddYears(1)))
            File.WriteAllBytes(pfx, made.Export(X509ContentType.Pfx, "secret"));
        Assert.Empty(Open(Https(("Path", pfx), ("Password", "secret"))));
        Assert.StartsWith($"{Default}:Path: '{pfx}' cannot be loaded", Assert.Single(Open(Https(("Path", pfx), ("Password", "wrong")))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_encrypted_key_needs_its_password()
    {
        var (certificate, _) = Write("a");
        var key = _folder.Write("encrypted.key", Made.Key.ExportEncryptedPkcs8PrivateKeyPem("secret", new(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000)));
        Assert.Empty(Open(Https(("Path", certificate), ("KeyPath", key), ("Password", "secret"))));
        Assert.StartsWith($"{Default}:Path: '{certificate}' cannot be loaded", Assert.Single(Open(Https(("Path", certificate), ("KeyPath", key), ("Password", "wrong")))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_a_foreign_key_and_a_key_left_out_are_told_by_their_key()
    {
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (certificate, key) = Write("a");
        var foreign = _folder.Write("foreign.pem", otherKey.ExportPkcs8PrivateKeyPem());

        Assert.Equal($"{Default}:Path: '/no/such.pem' does not exist. Name a file that exists.", Assert.Single(Open(Https(("Path", "/no/such.pem"), ("KeyPath", key)))));
        Assert.Equal($"{Default}:KeyPath: '/no/such.pem' does not exist. Name a file that exists.", Assert.Single(Open(Https(("Path", certificate), ("KeyPath", "/no/such.pem")))));
        Assert.EndsWith("Check that the key belongs to the certificate, and Password when the key is encrypted.", Assert.Single(Open(Https(("Path", certificate), ("KeyPath", foreign)))), StringComparison.Ordinal);
        Assert.EndsWith("A PEM file needs its key in KeyPath, a PFX its Password.", Assert.Single(Open(Https(("Path", certificate)))), StringComparison.Ordinal);
        Assert.Equal($"{Default}:Path: or Subject has to be there, and not both. Name a PEM or PFX file in Path, or a certificate of the machine's store in Subject.", Assert.Single(Open(Https(("KeyPath", key)))));
    }

    [Fact]
    public void The_chain_of_a_PEM_file_is_sent_with_its_first_certificate()
    {
        var (leaf, intermediate) = Made.Issue("a.example", "intermediate.example", Start, Start.AddYears(1));
        var certificate = _folder.Write("chain.pem", leaf + "\n" + intermediate);
        var key = Write("a").KeyPath;
        Assert.Empty(Open(Https(("Path", certificate), ("KeyPath", key))));
        Assert.Equal("CN=intermediate.example", Assert.Single(InForce().Context.IntermediateCertificates).Subject);
        Assert.Equal("CN=a.example", InForce().Subject);
    }

    [Fact]
    public void A_new_certificate_counts_once_two_looks_agree()
    {
        var (certificate, key) = Write("a");
        Assert.Empty(Open(Https(("Path", certificate), ("KeyPath", key))));
        var first = InForce();
        Write("a", until: Start.AddYears(2));
        _store.Look();
        Assert.Same(first, InForce());
        _store.Look();
        Assert.Equal(Start.AddYears(2), InForce().NotAfter);
        Assert.Empty(_store.Problems);
    }

    /// <summary>F19.</summary>
    [Theory]
    [InlineData("garbage", "cannot be loaded")]
    [InlineData("empty", "cannot be loaded")]
    [InlineData("cut", "cannot be loaded")]
    [InlineData("gone", "does not exist")]
    [InlineData("expired", "has expired on 2025-12-31 00:00Z")]
    [InlineData("future", "is not valid before 2026-01-02 00:00Z")]
    [InlineData("foreign key", "cannot be loaded")]
    public void F19_a_file_that_cannot_be_used_keeps_the_last_good_certificate_and_says_why(string how, string problem)
    {
        var (certificate, key) = Write("a");
        Assert.Empty(Open(Https(("Path", certificate), ("KeyPath", key))));
        var first = InForce();
        var whole = File.ReadAllText(certificate);
        switch (how)
        {
            case "garbage": File.WriteAllBytes(certificate, RandomNumberGenerator.GetBytes(1000)); break;
            case "empty": File.WriteAllText(certificate, ""); break;
            case "cut": File.WriteAllText(certificate, whole[..(whole.Length / 2)]); break;
            case "gone": File.Delete(certificate); break;
            case "expired": Write("a", Start.AddDays(-9), Start.AddDays(-1)); break;
            case "future": Write("a", Start.AddDays(1), Start.AddDays(9)); break;
            case "foreign key":
                using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                    File.WriteAllText(key, other.ExportPkcs8PrivateKeyPem());
                break;
        }

        _store.Look();
        _store.Look();
        Assert.Same(first, InForce());
        var told = Assert.Single(_store.Problems);
        Assert.Contains(problem, told, StringComparison.Ordinal);
        Assert.EndsWith(" The last good one stays in force.", told, StringComparison.Ordinal);

        Write("a", until: Start.AddYears(3));
        _store.Look();
        _store.Look();
        Assert.Equal(Start.AddYears(3), InForce().NotAfter);
        Assert.Empty(_store.Problems);
    }

    /// <summary>RFC 5280 §4.2.1.6: names that cannot be decoded. Their exception would end the process from inside the timer.</summary>
    [Fact]
    public void A_certificate_whose_names_cannot_be_decoded_does_not_replace_one_that_is_for_them()
    {
        var (certificate, key) = Write("a");
        Assert.Empty(Open(
            ("Kestrel:Endpoints:Public:Url", "https://*:8443"), ("Kestrel:Endpoints:Public:Sni:a.example:Certificate:Path", certificate),
            ("Kestrel:Endpoints:Public:Sni:a.example:Certificate:KeyPath", key)));
        var first = _store.Find("Public", "a.example");
        _store.Follow();
        File.WriteAllText(certificate, Made.WithoutReadableNames("a.example", Start, Start.AddYears(2)));
        _time.Advance(CertificateStore.Interval);
        _time.Advance(CertificateStore.Interval);
        Assert.Same(first, _store.Find("Public", "a.example"));
        Assert.Contains("is not for a.example, as the one in force is", Assert.Single(_store.Problems), StringComparison.Ordinal);
        Write("a", until: Start.AddYears(3));
        _time.Advance(CertificateStore.Interval);
        _time.Advance(CertificateStore.Interval);
        Assert.Equal(Start.AddYears(3), _store.Find("Public", "a.example")!.NotAfter);
        Assert.Empty(_store.Problems);
    }

    [Fact]
    public void A_certificate_in_force_whose_names_cannot_be_decoded_is_told_and_is_followed_on()
    {
        var (certificate, key) = Write("a");
        File.WriteAllText(certificate, Made.WithoutReadableNames("a.example", Start, Start.AddYears(2)));
        Assert.Empty(Open(
            ("Kestrel:Endpoints:Public:Url", "https://*:8443"), ("Kestrel:Endpoints:Public:Sni:*.example:Certificate:Path", certificate),
            ("Kestrel:Endpoints:Public:Sni:*.example:Certificate:KeyPath", key)));
        Assert.Contains("is not for *.example", Assert.Single(_store.Problems), StringComparison.Ordinal);
        Write("a", host: "*.example");
        _store.Look();
        _store.Look();
        Assert.Empty(_store.Problems);
    }

    [Theory]
    [InlineData("*shop.example")]
    [InlineData("www.*.org")]
    [InlineData("a b")]
    [InlineData("")]
    public void A_certificate_is_not_for_what_is_no_name(string name)
    {
        using var made = Made.Make("a.example", Start, Start.AddYears(1));
        Assert.False(new LoadedCertificate(made, []).IsFor(name));
    }

    [Fact]
    public void Whatever_else_a_look_meets_is_told_once_and_the_next_good_look_ends_it()
    {
        Write("a");
        Assert.Empty(Open(Https(("Path", "a.pem"), ("KeyPath", "a.key"))));
        var slot = Assert.Single(_store.Slots);
        Assert.False(slot.Look("\0", Start, atOnce: true)!.Value.Taken); // no path of any system
        Assert.Null(slot.Look("\0", Start, atOnce: true));
        Assert.Equal("CN=a.example", InForce().Subject);
        Assert.EndsWith(" The last good one stays in force.", Assert.Single(_store.Problems), StringComparison.Ordinal);
        Assert.True(slot.Look(_folder.Path, Start, atOnce: true)!.Value.Taken);
        Assert.Empty(_store.Problems);
    }

    [Fact]
    public void A_certificate_for_other_names_does_not_replace_one_that_is_for_them()
    {
        var (certificate, key) = Write("a");
        Assert.Empty(Open(
            ("Kestrel:Endpoints:Public:Url", "https://*:8443"), ("Kestrel:Endpoints:Public:Sni:a.example:Certificate:Path", certificate),
            ("Kestrel:Endpoints:Public:Sni:a.example:Certificate:KeyPath", key)));
        Write("a", host: "b.example");
        _store.Look();
        _store.Look();
        Assert.Equal("CN=a.example", _store.Find("Public", "a.example")!.Subject);
        Assert.Contains("is not for a.example, as the one in force is", Assert.Single(_store.Problems), StringComparison.Ordinal);
        Write("a");
        _store.Look();
        _store.Look();
        Assert.Empty(_store.Problems);
    }

    [Fact]
    public void An_end_that_comes_is_told_a_week_before_and_when_it_has_come()
    {
        var (certificate, key) = Write("a");
        Assert.Empty(Open(Https(("Path", certificate), ("KeyPath", key))));
        _time.Advance(TimeSpan.FromDays(357));
        Assert.Empty(_store.Problems);
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Contains("ends on 2027-01-01 00:00Z", Assert.Single(_store.Problems), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromDays(7));
        Assert.Contains("has expired on 2027-01-01 00:00Z", Assert.Single(_store.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_host_gets_its_own_certificate_and_a_reload_of_the_configuration_brings_more()
    {
        var a = Write("a");
        var b = Write("b", host: "*.b.example");
        (string, string?)[] endpoint =
        [
            ("Kestrel:Endpoints:Public:Url", "https://*:8443"),
            ("Kestrel:Endpoints:Public:Sni:A.example:Certificate:Path", a.Path), ("Kestrel:Endpoints:Public:Sni:A.example:Certificate:KeyPath", a.KeyPath),
        ];
        Assert.Empty(Open(endpoint));
        var first = _store.Find("Public", "a.EXAMPLE");
        Assert.Null(_store.Find("Public", "x.b.example"));
        Assert.Null(_store.Find("Public", null));

        Assert.Empty(Open([.. endpoint, ("Kestrel:Endpoints:Public:Sni:*.b.example:Certificate:Path", b.Path), ("Kestrel:Endpoints:Public:Sni:*.b.example:Certificate:KeyPath", b.KeyPath)]));
        Assert.Same(first, _store.Find("Public", "a.example"));
        Assert.Equal("CN=*.b.example", _store.Find("Public", "x.b.example")!.Subject);
        Assert.Null(_store.Find("Public", "b.example"));

        // A configuration that names a certificate that is not there is refused as a whole, and the old names stay.
        Assert.Single(Open([.. endpoint, ("Kestrel:Endpoints:Public:Sni:c.example:Certificate:Path", "/no/such.pem")]));
        Assert.NotNull(_store.Find("Public", "x.b.example"));
    }

    /// <summary>RFC 5890 §2.3.2.1: one name in two spellings. Clients send and certificates have the first, .NET's handshake shows the second.</summary>
    [Theory]
    [InlineData("xn--mnchen-3ya.example")]
    [InlineData("münchen.example")]
    [InlineData("*.xn--mnchen-3ya.example")]
    [InlineData("*.MÜNCHEN.example")]
    public void An_internationalised_name_is_found_and_matched_in_either_spelling(string listed)
    {
        var wildcard = listed.StartsWith('*') ? "*." : "";
        var (certificate, key) = Write("a", host: $"{wildcard}xn--mnchen-3ya.example");
        Assert.Empty(Open(
            ("Kestrel:Endpoints:Public:Url", "https://*:8443"), ($"Kestrel:Endpoints:Public:Sni:{listed}:Certificate:Path", certificate),
            ($"Kestrel:Endpoints:Public:Sni:{listed}:Certificate:KeyPath", key)));
        var below = wildcard.Length > 0 ? "www." : "";
        Assert.NotNull(_store.Find("Public", $"{below}münchen.example"));
        Assert.NotNull(_store.Find("Public", $"{below}xn--mnchen-3ya.example"));
        Assert.Null(_store.Find("Public", "munchen.example"));
        Assert.Null(_store.Find("Public", "a..example"));
        Assert.Empty(_store.Problems);
    }

    private static (string, string?)[] Https(params (string Name, string? Value)[] values) =>
        [(ListenOptions.Key, "https://*:8443"), .. values.Select(value => ($"{Default}:{value.Name}", value.Value))];

    private LoadedCertificate InForce() => _store.Find("https://*:8443", "whoever")!;

    /// <summary>As at start and at a reload; the complaints.</summary>
    private string[] Open(params (string, string?)[] values)
    {
        var configuration = Reading.Of(_folder, values);
        var set = _store.Prepare(EndpointOptions.Read(configuration.Settings), configuration.Settings);
        if (configuration.Complaints.Count == 0)
            _store.Take(set);
        return [.. configuration.Complaints.Select(complaint => complaint.ToString())];
    }

    private (string Path, string KeyPath) Write(string name, DateTimeOffset? from = null, DateTimeOffset? until = null, string host = "a.example") =>
        Made.WritePem(_folder, name, host, from ?? Start, until ?? Start.AddYears(1));
}
