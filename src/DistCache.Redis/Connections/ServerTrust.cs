using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DistCache.Redis.Connections;

/// <summary>
/// Whose certificate is believed: the machine's own authorities', and those in the file that <c>trust=</c> names, which may be the server's own.
/// Name and time must be right in either case.
/// </summary>
internal sealed class ServerTrust(X509Certificate2Collection? issuers, Action<string> refused)
{
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="CryptographicException">There is no certificate in it.</exception>
    public static X509Certificate2Collection ReadIssuers(string path)
    {
        var issuers = new X509Certificate2Collection();
        try
        {
            issuers.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is UnauthorizedAccessException)
        {
            throw new IOException(e.Message, e);
        }
        return issuers.Count > 0 ? issuers : throw new CryptographicException("no certificate");
    }

    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors is SslPolicyErrors.None)
            return true;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) || certificate is not X509Certificate2 shown)
            return Refuse("shows no certificate: let it show one");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return Refuse($"shows a certificate for another name ({NameOf(shown)}): write sslHost=NAME as the certificate has it");
        using var ours = new X509Chain();
        ours.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // an authority of one's own has no list of them
        foreach (var element in chain?.ChainElements.Skip(1) ?? [])
            ours.ChainPolicy.ExtraStore.Add(element.Certificate);
        if (issuers is not null)
        {
            ours.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            ours.ChainPolicy.CustomTrustStore.AddRange(issuers);
        }
        if (ours.Build(shown))
            return issuers is not null || Refuse("shows a certificate that was revoked, or whose authority cannot be asked about it: renew it, or write checkCertificateRevocation=false");
        return Refuse(ours.ChainStatus.Any(status => status.Status is X509ChainStatusFlags.NotTimeValid)
            ? $"shows a certificate that is not valid now (from {shown.NotBefore:u} to {shown.NotAfter:u}): renew it"
            : $"shows a certificate that is not trusted here (issued by {shown.Issuer}): name a file with its issuer's certificate as trust=FILE");
    }

    private static string NameOf(X509Certificate2 shown) => shown.GetNameInfo(X509NameType.DnsName, forIssuer: false);

    private bool Refuse(string why)
    {
        refused(why);
        return false;
    }
}
