using System.Globalization;

namespace DistCache.Edge.Demo.Pages;

internal sealed class CookiePage() : DemoPage("/cookie", "It sets a cookie")
{
    public override string Explanation =>
        "<code>max-age=60</code>, but with <code>Set-Cookie</code>. In the preset <code>safe</code> it is not stored: one reader's cookie must not reach another. The preset <code>rfc9111</code> does as the response allows.";

    public override IReadOnlyList<Watch> Watches =>
    [
        new("curl -i {url}", "twice in <code>safe</code>: two different cookies, no <code>hit</code>"),
    ];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.CacheControl("max-age=60");
        visit.Response.Headers.SetCookie = string.Create(CultureInfo.InvariantCulture, $"demo-visitor={visit.Number}; Path=/cookie; HttpOnly; SameSite=Lax");
        return visit.WritePageAsync();
    }
}
