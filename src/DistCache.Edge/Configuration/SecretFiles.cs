namespace DistCache.Edge.Configuration;

/// <summary>
/// <c>DistCache:Secrets</c>: a folder with one file for each secret, as Docker and Kubernetes mount them. The file's name is the key, with
/// <c>__</c> for the colon (<c>DistCache__Shared__Redis</c>), its content without the last line end is the value.
/// </summary>
internal static class SecretFiles
{
    public const string Key = "DistCache:Secrets";

    public static IEnumerable<string> Find(string folder) =>
        // Kubernetes keeps its generations in folders and links that begin with two dots.
        Directory.GetFiles(folder).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal);

    public static string KeyOf(string path) => Path.GetFileName(path).Replace("__", ":", StringComparison.Ordinal);

    /// <summary>For showing: the values of such keys stay unsaid.</summary>
    public static bool IsSecret(string key) =>
        Words.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase)) || SecretEnds.Any(end => key.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] SecretEnds = [":Redis", ":Secret"];

    private static readonly string[] Words = ["password", "secret:", "token", "apikey", "admin:keys", "authorization"];
}
