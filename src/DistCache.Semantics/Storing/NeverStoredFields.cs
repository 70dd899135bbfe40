using System.Collections.Frozen;
using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Storing;

/// <summary>Fields that belong to one connection or one delivery (RFC 9111 §3.1; RFC 9110 §7.6.1).</summary>
internal static class NeverStoredFields
{
    // Age is computed at each answer. Surrogate-Control, which is for us alone (rule 9), stays: it decides again when a 304 says nothing of it.
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Proxy-Connection",
        "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        FieldNames.Age);

    public static bool Contains(string name) => Names.Contains(name);

    /// <summary>What Connection nominates, null when nothing.</summary>
    public static HashSet<string>? NominatedBy(FieldList fields)
    {
        HashSet<string>? nominated = null;
        foreach (var line in fields.Lines(FieldNames.Connection))
            foreach (var member in new ListMembers(line))
                (nominated ??= new(StringComparer.OrdinalIgnoreCase)).Add(member.ToString());
        return nominated;
    }
}
