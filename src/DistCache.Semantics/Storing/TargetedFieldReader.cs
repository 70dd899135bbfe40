namespace DistCache.Semantics.Storing;

internal static class TargetedFieldReader
{
    public static bool TryRead(IEnumerable<string> lines, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ResponseDirectives? directives) { directives = null; return false; }
}
