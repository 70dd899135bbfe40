namespace DistCache.Semantics.Fields;

/// <summary>Vary (RFC 9110 §12.5.5): the nominated names, lower-case, sorted, each once; or a star anywhere.</summary>
public sealed record VaryField(bool IsStar, IReadOnlyList<string> Names)
{
    public static readonly VaryField None = new(false, []);
    public static readonly VaryField Star = new(true, []);

    /// <summary>A member that is no field name counts as a star: what it nominates cannot be known (rule 8).</summary>
    public static VaryField Read(IEnumerable<string> lines)
    {
        SortedSet<string>? names = null;
        foreach (var line in lines)
            foreach (var member in new ListMembers(line))
            {
                if (member is "*" || !Syntax.IsToken(member))
                    return Star;
                (names ??= new(StringComparer.Ordinal)).Add(member.ToString().ToLowerInvariant());
            }
        return names is null ? None : new(false, [.. names]);
    }
}
