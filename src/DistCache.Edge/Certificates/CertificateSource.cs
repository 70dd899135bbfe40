using System.Security.Cryptography.X509Certificates;
using DistCache.Edge.Configuration;

namespace DistCache.Edge.Certificates;

/// <summary>
/// Where a certificate is, in Kestrel's own words: <c>Path</c> with <c>KeyPath</c> (PEM) or alone (PFX), and <c>Password</c>; or <c>Subject</c>
/// in a <c>Store</c> (My) at a <c>Location</c> (CurrentUser), where <c>AllowInvalid</c> takes one that the machine does not trust.
/// </summary>
internal sealed record CertificateSource(string? Path, string? KeyPath, string? Password, string? Subject, string Store, StoreLocation Location, bool AllowInvalid)
{
    /// <summary>The section <c>Certificate</c> under something, or <c>Kestrel:Certificates:Default</c>; null when it says nothing.</summary>
    public static CertificateSource? Read(Settings settings, string section)
    {
        if (!settings.Has(section))
            return null;
        settings.OnlyKnown(section, "Path", "KeyPath", "Password", "Subject", "Store", "Location", "AllowInvalid");
        var location = StoreLocation.CurrentUser;
        if (settings[$"{section}:Location"] is { } text && !Enum.TryParse(text, ignoreCase: true, out location))
            settings.Complain($"{section}:Location", $"'{text}' is none of its values", "Write CurrentUser or LocalMachine");
        if (settings[$"{section}:Path"] is null == settings[$"{section}:Subject"] is null)
        {
            settings.Complain($"{section}:Path", "or Subject has to be there, and not both", "Name a PEM or PFX file in Path, or a certificate of the machine's store in Subject");
            return null;
        }

        return new(
            settings[$"{section}:Path"], settings[$"{section}:KeyPath"], settings[$"{section}:Password"],
            settings[$"{section}:Subject"], settings[$"{section}:Store"] ?? "My", location, bool.TryParse(settings[$"{section}:AllowInvalid"], out var allow) && allow);
    }

    /// <summary>For people; the password stays unsaid.</summary>
    public override string ToString() => Path ?? $"{Location}/{Store}/{Subject}";
}
