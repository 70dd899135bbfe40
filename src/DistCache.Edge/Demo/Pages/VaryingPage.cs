using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DistCache.Edge.Demo.Pages;

internal sealed class VaryingPage() : DemoPage("/varying", "One page, several languages")
{
    private static readonly (string Language, string Greeting)[] Greetings = [("en", "Good day"), ("de", "Guten Tag"), ("fr", "Bonjour"), ("es", "Buenos d\u00edas")];

    public override string Explanation =>
        "<code>Vary: Accept-Language</code>. The edge keeps one variant for each value of that field and never hands one reader's language to another.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i -H 'Accept-Language: de' {url}", "then with <code>fr</code>: each language has its own <code>Content-Language</code>, its own <code>Age</code>, its own first miss"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        var (language, greeting) = Choose(visit.Request);
        visit.CacheControl("max-age=60");
        visit.Response.Headers.Vary = "Accept-Language";
        visit.Response.Headers.ContentLanguage = language;
        return visit.WritePageAsync($"<p class=\"made\" lang=\"{language}\"><b>{DemoHtml.Text(greeting)}!</b> <span>chosen by your Accept-Language</span></p>\n");
    }

    private static (string Language, string Greeting) Choose(HttpRequest request)
    {
        var wanted = request.GetTypedHeaders().AcceptLanguage
            .Where(language => language.Quality is not 0)
            .OrderByDescending(language => language.Quality ?? 1, Comparer<double>.Default);
        foreach (var language in wanted)
        {
            foreach (var greeting in Greetings)
            {
                if (language.Value.StartsWith(greeting.Language, StringComparison.OrdinalIgnoreCase))
                    return greeting;
            }
        }

        return Greetings[0];
    }
}
