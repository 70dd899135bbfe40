using System.Collections.Concurrent;
using DistCache.Edge.Demo.Pages;
using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.Demo;

/// <summary>
/// A small site that shows each behaviour of the cache in front of it. It counts how often it was asked for each page and says so
/// in <c>Demo-Request</c>: the number stands still for as long as the edge answers alone.
/// </summary>
internal sealed class DemoOrigin(TimeProvider time)
{
    /// <summary>In the order of the first page. The first one is plain: fresh for a minute and for everybody.</summary>
    public static readonly IReadOnlyList<DemoPage> Pages =
    [
        new FreshPage(), new ValidatedPage(), new StaleWhileRevalidatePage(), new StaleIfErrorPage(), new VaryingPage(), new TaggedPage(),
        new RangedPage(), new PrivatePage(), new CookiePage(), new NoStorePage(), new SlowPage(), new FailingPage(), new StreamingPage(),
        new RedirectPage(), new NotFoundPage(),
    ];

    private static readonly IndexPage Index = new(Pages);
    private static readonly DemoPage Unknown = new UnknownPage();
    private static readonly IReadOnlyDictionary<string, DemoPage> ByPath =
        new DemoPage[] { Index, new RangedFile() }.Concat(Pages).ToDictionary(page => page.Path, StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, int> _requests = new(StringComparer.Ordinal);

    public Task AnswerAsync(HttpContext context)
    {
        var page = ByPath.GetValueOrDefault(context.Request.Path.Value ?? "", Unknown);
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        var number = _requests.AddOrUpdate(page.Path, 1, (_, before) => before + 1);
        return page.AnswerAsync(new DemoVisit(context, page, number, time));
    }
}
