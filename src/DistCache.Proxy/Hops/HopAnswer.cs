using DistCache.Storage.Shared;

namespace DistCache.Proxy.Hops;

/// <summary>
/// What the answer to a <see cref="Hop"/> is as of: <c>DistCache-Hop: 1;log.position.record;signature</c>, signed together with the nonce of the
/// request. What has none, our own errors before all, is no answer of an origin's.
/// </summary>
internal static class HopAnswer
{
    private const string Revision = "1";

    public static string Write(Hop hop, in Stamp stamp)
    {
        var text = StampText.Write(stamp);
        return $"{Revision};{text};{hop.Secret.Sign(Covered(hop, text))}";
    }

    public static bool TryRead(string field, Hop hop, out Stamp stamp)
    {
        stamp = default;
        return field.Split(';') is [Revision, var text, var signature] && hop.Secret.Verifies(Covered(hop, text), signature) && StampText.TryRead(text, out stamp);
    }

    private static string Covered(Hop hop, string text) => $"hop-answer\n{hop.Nonce}\n{text}";
}
