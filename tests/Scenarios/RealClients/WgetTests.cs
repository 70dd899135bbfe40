using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.RealClients;

/// <summary>wget mirrors a static site that nginx serves, through the edge, twice.</summary>
public class WgetTests
{
    [Fact]
    public async Task A_mirrored_site_is_equal_byte_for_byte_and_the_second_time_the_origin_is_not_asked()
    {
        Assert.SkipWhen(NginxProcess.Program is null, "nginx is not installed.");
        using var site = new StaticSite();
        await using var nginx = await NginxProcess.StartAsync(site.Root, "expires 1h;");
        await using var edge = await EdgeProcess.StartAsync(nginx.Url, memory: "256MiB");

        await MirrorAsync(edge, site, isHit: false);
        var asked = nginx.Requests;
        Assert.Equal(site.Files.Count, asked.Count(line => line.EndsWith(" 200", StringComparison.Ordinal)));

        await MirrorAsync(edge, site, isHit: true);
        Assert.Equal(asked, nginx.Requests);
    }

    private static async Task MirrorAsync(EdgeProcess edge, StaticSite site, bool isHit)
    {
        using var copy = new TemporaryFolder();
        var log = await Tool.RunAsync(
            "wget", "--recursive", "--level=inf", "--no-host-directories", "--no-verbose", "--execute", "robots=off",
            "--restrict-file-names=nocontrol", "--save-headers", "--directory-prefix", copy.Path, edge.Url.ToString());
        foreach (var (name, content) in site.Files)
        {
            var saved = new SavedAnswer(File.ReadAllBytes(Path.Combine(copy.Path, name)));
            Assert.True(content.AsSpan().SequenceEqual(saved.Body), $"{name}: {saved.Body.Length} of {content.Length} bytes, or other ones\n{log}");
            Assert.True(saved.IsHit == isHit, $"{name}: {saved.Head}");
        }

        var files = Directory.EnumerateFiles(copy.Path, "*", SearchOption.AllDirectories).Count();
        Assert.Equal(site.Files.Count, files);
    }
}
