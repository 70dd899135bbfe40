using System.Globalization;
using System.Text;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Review;

/// <summary>
/// What the origin of the stress serves: each byte of a body follows from URL, version and user, so a byte of another body shows itself. A
/// version only ever grows, and a purge that was acknowledged raises the floor below which no answer may lie.
/// </summary>
internal sealed class StressPlan
{
    public const int Urls = 48;
    public const int MaxObjectSize = 600_000;
    private static readonly int[] Lengths = [0, 1, 100, 5_000, 40_000, 70_000, 300_000, 590_000, 700_000];
    private readonly int[] _versions = new int[Urls];
    private readonly int[] _floors = new int[Urls];
    private readonly Random _cuts = new(1);

    public static string Target(int url) => "/u" + url.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether the body is one user's alone.</summary>
    public static bool IsPersonal(int url) => url % 8 is 1 or 2 or 3;

    public static byte[] Body(int url, int version, string user)
    {
        var body = new byte[Lengths[url % Lengths.Length]];
        new Random(HashOf($"{url}|{version}|{user}")).NextBytes(body);
        return body;
    }

    public int FloorOf(int url) => Volatile.Read(ref _floors[url]);

    /// <summary>The origin has a new version from now on.</summary>
    public int Write(int url) => Interlocked.Increment(ref _versions[url]);

    /// <summary>A hard purge, begun when the origin held that version, has been acknowledged.</summary>
    public void Acknowledged(int url, int version)
    {
        for (var floor = FloorOf(url); floor < version; floor = FloorOf(url))
            Interlocked.CompareExchange(ref _floors[url], version, floor);
    }

    public Script Answer(OriginRequest request)
    {
        var url = int.Parse(request.Target.AsSpan(2), CultureInfo.InvariantCulture);
        var version = Volatile.Read(ref _versions[url]);
        var user = IsPersonal(url) ? request.Field("Cookie") ?? "" : "";
        var tag = $"\"{url}-{version}-{user}\"";
        // The variants of some were all changed at one time, and have no tag to tell them apart.
        var modified = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(version).ToString("R", CultureInfo.InvariantCulture);
        string[] fields =
        [
            "Cache-Control: " + CacheControlOf(url), url % 8 == 3 ? "Last-Modified: " + modified : "ETag: " + tag, $"X-Version: {version}", $"X-User: {user}", "Surrogate-Key: t" + (url % 3),
            .. url % 8 is 1 or 3 ? ["Vary: Cookie"] : Array.Empty<string>(),
        ];
        if (request.Field("If-None-Match")?.Contains(tag, StringComparison.Ordinal) is true || (url % 8 == 3 && request.Field("If-Modified-Since") == modified))
            return Answers.Head("304 Not Modified", fields);
        var body = request.Method == "HEAD" ? [] : Body(url, version, user);
        if (request.Method == "HEAD")
            return Answers.Head("200 OK", [.. fields, $"Content-Length: {Body(url, version, user).Length}"]);
        var whole = url % 2 == 0 ? Answers.Ok(body, fields) : Answers.Chunked(body, 9_000, fields);
        if (url % 8 != 5 || body.Length < 2)
            return whole;
        lock (_cuts)
            return _cuts.Next(3) switch
            {
                0 => Script.CutAt(whole, _cuts.Next(whole.Length)).Fin(),
                1 => Script.CutAt(whole, _cuts.Next(whole.Length)).Reset(),
                _ => whole,
            };
    }

    private static string CacheControlOf(int url) => (url % 8) switch
    {
        2 => "private, max-age=60",
        4 => "max-age=2, stale-while-revalidate=4",
        6 => "no-cache",
        7 => "no-store",
        _ => url % 3 == 0 ? "max-age=3" : "max-age=600",
    };

    private static int HashOf(string text)
    {
        var hash = 17;
        foreach (var c in text)
            hash = unchecked((hash * 31) + c);
        return hash;
    }
}
