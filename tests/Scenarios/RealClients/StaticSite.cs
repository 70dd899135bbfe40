using System.Text;
using DistCache.TestKit;

namespace DistCache.Scenarios.RealClients;

/// <summary>
/// A site of 520 files: empty ones, single bytes, some of several MB, nested folders, names with spaces, percent signs and characters
/// outside ASCII. index.html links to every one, so that a mirroring client finds them.
/// </summary>
internal sealed class StaticSite : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public StaticSite()
    {
        var random = new Random(7);
        foreach (var name in Names())
        {
            var path = Path.Combine(Root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var body = new byte[SizeOf(Files.Count, random)];
            random.NextBytes(body);
            File.WriteAllBytes(path, body);
            Files.Add(name, body);
        }

        var links = Files.Keys.Select(name => $"<a href=\"{UrlOf(name)}\">x</a>\n");
        var index = Encoding.UTF8.GetBytes($"<!doctype html><title>site</title>\n{string.Concat(links)}");
        File.WriteAllBytes(Path.Combine(Root, "index.html"), index);
        Files.Add("index.html", index);
    }

    public string Root => _folder.Path;

    /// <summary>Relative path (with / between) to content.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>The target of a file: every byte of a name that is not unreserved (RFC 3986 §2.3) is escaped.</summary>
    public static string UrlOf(string name) => "/" + string.Join('/', name.Split('/').Select(Uri.EscapeDataString));

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> Names()
    {
        string[] special =
        [
            "a space.bin", "two  spaces/in a folder.bin", "100%.bin", "50%off.bin", "größe.bin", "a\\b.bin", "日本/語.bin",
            "plus+and&amp.bin", "quote'.bin", "(round)[square].bin", "semi;colon,comma=.bin", "~tilde_-.bin", "deep/er/and/deeper/still/x.bin",
            "UPPER/Case.BIN", "upper/case.bin", "dot.bin.", "…/ellipsis.bin", "at@sign$!*.bin", "emoji-😀.bin", "café.bin",
        ];
        return special.Concat(Enumerable.Range(0, 499).Select(i => $"f{i % 10}/g{i % 7}/file-{i}.bin"));
    }

    private static int SizeOf(int index, Random random) => (index % 50) switch
    {
        0 => 0,
        1 => 1,
        2 => 16 * 1024,
        3 => 64 * 1024,
        4 when index % 200 == 4 => (4 << 20) + index,
        5 => (64 * 1024) + 1,
        _ => random.Next(1, 20_000),
    };
}
