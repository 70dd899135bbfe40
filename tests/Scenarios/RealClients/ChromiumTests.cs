using System.Collections.Concurrent;
using System.Text;
using DistCache.TestKit;
using Microsoft.Playwright;
using Xunit;

namespace DistCache.Scenarios.RealClients;

/// <summary>Debian's Chromium loads a page of 50 assets, and once more without a cache of its own.</summary>
public class ChromiumTests
{
    private const string Chromium = "/usr/bin/chromium";
    private const int Assets = 50;

    [Fact]
    public async Task The_second_load_in_a_fresh_context_comes_from_the_edge_alone()
    {
        Assert.SkipUnless(File.Exists(Chromium), "chromium is not installed.");
        await using var origin = ScriptOrigin.Start();
        Serve(origin);
        await using var edge = await EdgeProcess.StartAsync(origin.Url);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });

        var first = await LoadAsync(browser, edge);
        var asked = origin.Log.All.Count;
        Assert.Equal(Assets + 1, asked);
        Assert.DoesNotContain(first.Values, IsHit);

        var second = await LoadAsync(browser, edge);
        Assert.Equal(asked, origin.Log.All.Count);
        Assert.Equal(first.Keys.Order(), second.Keys.Order());
        Assert.All(second, answer => Assert.True(IsHit(answer.Value), $"{answer.Key}: {answer.Value}"));
    }

    private static bool IsHit(string cacheStatus) => cacheStatus.Contains("; hit", StringComparison.Ordinal);

    /// <summary>Style sheets, scripts and pictures. Each script counts itself, so that the page knows that all of them ran.</summary>
    private static void Serve(ScriptOrigin origin)
    {
        var page = new StringBuilder("<!doctype html><title>loading</title><link rel=icon href=data:,><script>let ran = 0;</script>");
        for (var i = 0; i < Assets; i++)
        {
            var (path, type, body, tag) = (i % 3) switch
            {
                0 => ($"/s{i}.css", "text/css", $".c{i} {{ color: rgb({i},{i},{i}) }}", $"<link rel=stylesheet href=/s{i}.css>"),
                1 => ($"/j{i}.js", "application/javascript", "ran++;", $"<script src=/j{i}.js></script>"),
                _ => ($"/p{i}.svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", $"<img src=/p{i}.svg>"),
            };
            origin.On(path).Answer(Answers.Ok(body, $"Content-Type: {type}", "Cache-Control: max-age=3600"));
            page.Append(tag);
        }

        page.Append("<script>document.title = 'ran ' + ran</script>");
        origin.On("/").Answer(Answers.Ok(page.ToString(), "Content-Type: text/html", "Cache-Control: max-age=3600"));
    }

    /// <summary>Cache-Status by URL; every asset must have come with 200 and every script must have run.</summary>
    private static async Task<ConcurrentDictionary<string, string>> LoadAsync(IBrowser browser, EdgeProcess edge)
    {
        await using var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        var answers = new ConcurrentDictionary<string, string>();
        page.Response += (_, answer) =>
        {
            if (answer.Url.StartsWith(edge.Url.ToString(), StringComparison.Ordinal))
                answers[answer.Url] = $"{answer.Status} {answer.Headers.GetValueOrDefault("cache-status", "none")}";
        };
        await page.GotoAsync(edge.Url.ToString(), new() { WaitUntil = WaitUntilState.Load });
        Assert.Equal($"ran {Enumerable.Range(0, Assets).Count(i => i % 3 == 1)}", await page.TitleAsync());
        Assert.Equal(Assets + 1, answers.Count);
        Assert.All(answers.Values, answer => Assert.StartsWith("200 ", answer, StringComparison.Ordinal));
        return answers;
    }
}
