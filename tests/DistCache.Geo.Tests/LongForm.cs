namespace DistCache.Geo.Tests;

/// <summary><c>DISTCACHE_LONG=1</c>: every case instead of a share.</summary>
internal static class LongForm
{
    public static bool Asked { get; } = Environment.GetEnvironmentVariable("DISTCACHE_LONG") == "1";
}
