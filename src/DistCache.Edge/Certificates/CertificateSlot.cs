using DistCache.Edge.Configuration;

namespace DistCache.Edge.Certificates;

/// <summary>One certificate in force and the files that it came from. A handshake reads it, <see cref="CertificateStore"/> alone changes it.</summary>
internal sealed class CertificateSlot(string section, CertificateSource source)
{
    private volatile LoadedCertificate? _inForce;
    private volatile string? _problem;
    private CertificateBytes? _seen;
    private CertificateBytes? _judged;

    public CertificateSource Source => source;

    /// <summary>The configuration section that names it first.</summary>
    public string Section => section;

    /// <summary>What handshakes use.</summary>
    public LoadedCertificate InForce => _inForce!;

    /// <summary>Why the files as they are now were not taken.</summary>
    public string? Problem => _problem;

    /// <summary>The names that it is used for; a new certificate has to be for those that the last one was for.</summary>
    public IReadOnlyList<string> ServerNames { get; set; } = [];

    /// <summary>At start, or when the configuration begins to name it: nothing to fall back to, so anything that loads is taken.</summary>
    public bool Open(string contentRoot, out Complaint complaint)
    {
        _seen = _judged = CertificateBytes.Read(source, contentRoot);
        _inForce = CertificateLoader.Load(source, _judged, section, out complaint);
        return _inForce is not null;
    }

    /// <summary>Looks at the files. New content counts when two looks in a row agree, as a certificate and its key are written one after the other.</summary>
    /// <param name="atOnce">Somebody asked: do not wait for the second look.</param>
    /// <returns>What became of new content; null when there is none.</returns>
    public (bool Taken, string Line)? Look(string contentRoot, DateTimeOffset now, bool atOnce)
    {
        try
        {
            return LookAt(contentRoot, now, atOnce);
        }
        // Whatever a file or a library came up with: the last good one stays, and the next look comes. It runs in a timer, and would end the process.
        catch (Exception e)
        {
            _judged = null; // looked at again, also when nothing changes
            var before = _problem;
            var kept = Keep(new($"{section}:Path", $"'{source}' cannot be used ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})", "Put a valid certificate there"));
            return _problem == before ? null : kept;
        }
    }

    private (bool Taken, string Line)? LookAt(string contentRoot, DateTimeOffset now, bool atOnce)
    {
        if (source.Path is null)
            return null;
        var bytes = CertificateBytes.Read(source, contentRoot);
        var settled = atOnce || bytes.IsSameAs(_seen);
        _seen = bytes;
        if (!settled || bytes.IsSameAs(_judged))
            return null;
        _judged = bytes;
        if (CertificateLoader.Load(source, bytes, section, out var complaint) is not { } next)
            return Keep(complaint);
        if (next.WhatIsWrong(now) is { } wrong)
            return Keep(new($"{section}:Path", $"'{source}' {wrong}", "Put a valid certificate there"));
        if (ServerNames.FirstOrDefault(name => InForce.IsFor(name) && !next.IsFor(name)) is { } lost)
            return Keep(new($"{section}:Path", $"'{source}' is not for {lost}, as the one in force is", "Put a certificate for all its names there"));
        (_inForce, _problem) = (next, null);
        return (true, $"{section}: {next.Subject}, valid until {next.NotAfter:yyyy-MM-dd HH:mm}Z");
    }

    private (bool, string) Keep(Complaint complaint)
    {
        _problem = complaint.ToString();
        return (false, _problem);
    }
}
