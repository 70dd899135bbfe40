namespace DistCache.Semantics.Fields;

/// <summary>Vary (RFC 9110 §12.5.5): the nominated names, lower-case, sorted, each once; or a star anywhere.</summary>
public sealed record VaryField(bool IsStar, IReadOnlyList<string> Names)
{
    public static readonly VaryField None = new(false, []);

    public static VaryField Read(IEnumerable<string> lines) => throw new NotImplementedException();
}
