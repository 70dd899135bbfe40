using System.Globalization;

namespace DistCache.Edge.Certificates;

/// <summary>
/// Which certificate an endpoint shows to whom, as Kestrel's <c>Sni</c> has it: the name itself, else the longest <c>*.example.org</c> that
/// covers it (any depth), else <c>*</c>. Names in any case.
/// </summary>
internal sealed class ServerNames(IReadOnlyDictionary<string, CertificateSlot> slots)
{
    private static readonly IdnMapping Idn = new();

    private readonly Dictionary<string, CertificateSlot> _slots = new(slots, StringComparer.OrdinalIgnoreCase);

    /// <summary>What <c>Sni</c> may list: a DNS name as clients send it (no address, no dot at the end, RFC 6066 §3), such a name behind <c>*.</c>, or <c>*</c>.</summary>
    public static bool IsName(string name) =>
        name == "*" || (!name.EndsWith('.') && Uri.CheckHostName(name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name) is UriHostNameType.Dns);

    /// <summary>As it is on the wire and in certificates (RFC 5890 §2.3.2.1), in whichever of its two spellings it is written.</summary>
    public static string Ascii(string name)
    {
        try
        {
            return Idn.GetAscii(name.ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return name; // no name at all: it is nobody's
        }
    }

    /// <param name="name">As .NET shows it, an internationalised one in Unicode. Null or empty: the client named none.</param>
    public CertificateSlot? Find(string? name)
    {
        if (!string.IsNullOrEmpty(name))
        {
            name = Ascii(name);
            if (_slots.TryGetValue(name, out var exact))
                return exact;
            for (var dot = name.IndexOf('.'); dot >= 0; dot = name.IndexOf('.', dot + 1))
            {
                if (_slots.TryGetValue("*" + name[dot..], out var wildcard))
                    return wildcard;
            }
        }

        return _slots.GetValueOrDefault("*");
    }
}
