namespace DistCache.Storage.Tests;

/// <summary><c>DISTCACHE_LONG=1</c> asks for the long forms: the same tests, more rounds.</summary>
internal static class LongForm
{
    public static bool Asked { get; } = Environment.GetEnvironmentVariable("DISTCACHE_LONG") == "1";
}
