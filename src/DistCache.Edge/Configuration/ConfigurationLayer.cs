namespace DistCache.Edge.Configuration;

/// <summary>One source of settings as it was read.</summary>
/// <param name="Name">What an operator calls it: a file's path, <c>environment</c>, <c>command line</c>, <c>default</c>.</param>
/// <param name="File">The full path when it is a file.</param>
internal sealed record ConfigurationLayer(string Name, IReadOnlyDictionary<string, string?> Values, string? File = null)
{
    public const string Environment = "environment";
    public const string CommandLine = "command line";
    public const string Default = "default";
    public const string Secrets = "secrets";
}
