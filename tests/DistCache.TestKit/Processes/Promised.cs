namespace DistCache.TestKit;

/// <summary>
/// Times that the product promises on cores of its own. The long form (<c>DISTCACHE_LONG=1</c>) asks for them as they are; the short form runs
/// beside whatever else the machine does and allows ten times as much: what waits where nothing should wait takes longer than that.
/// </summary>
public static class Promised
{
    private const int Allowance = 10;

    public static TimeSpan Within(TimeSpan figure) => Environment.GetEnvironmentVariable("DISTCACHE_LONG") == "1" ? figure : figure * Allowance;

    public static TimeSpan Seconds(double figure) => Within(TimeSpan.FromSeconds(figure));

    public static TimeSpan Milliseconds(double figure) => Within(TimeSpan.FromMilliseconds(figure));
}
