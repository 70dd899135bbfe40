using System.Text;
using DistCache.Proxy.Origins;
using Microsoft.AspNetCore.Http;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>Holds versions of two pages, <c>/a</c> and <c>/b</c>, tagged as they are named. The body of an answer is its version.</summary>
internal sealed class SimulatedOrigin(Schedule schedule)
{
    private static readonly string[] Names = ["a", "b"];
    private readonly Process _process = new(schedule, Machine.Exact);

    public int[] Version { get; } = [1, 1];

    /// <summary>Requests so far, of each page.</summary>
    public int[] Asked { get; } = [0, 0];

    /// <summary>Told before it reads what it holds: a story may hold it back. Null: it takes its time as it comes.</summary>
    public Func<HttpContext, Task>? Before { get; set; }

    /// <summary>Now and then it takes its time, but for this.</summary>
    public bool IsPrompt { get; set; }

    public string CacheControl { get; set; } = "max-age=3600, stale-while-revalidate=3600";

    /// <summary>Null: an entity tag tells versions apart. Otherwise this alone, however often a page changes.</summary>
    public DateTimeOffset? LastModified { get; set; }

    /// <summary>Null: the version.</summary>
    public string? EntityTag { get; set; }

    public static string PathOf(int key) => "/" + Names[key];

    public static string NameOf(int key) => Names[key];

    /// <param name="asker">The process whose request it is.</param>
    public async Task AnswerAsync(HttpContext context, Process asker)
    {
        var key = context.Request.Path.Value![1] - 'a';
        Asked[key]++;
        if (Before is null)
            await schedule.After(schedule.Between(500, 100_000), asker);
        else
            await Before(context);
        if (HttpMethods.IsPost(context.Request.Method))
            Version[key]++;
        var body = Encoding.ASCII.GetBytes($"{Version[key]:d4}");
        var headers = context.Response.Headers;
        headers.Date = _process.GetUtcNow().ToString("R");
        headers.CacheControl = CacheControl;
        headers["Cache-Tag"] = Names[key];
        if (LastModified is { } modified)
            headers.LastModified = modified.ToString("R");
        else
            headers.ETag = EntityTag ?? $"\"{Version[key]}\"";
        var asked = context.Request.Headers;
        var isHead = HttpMethods.IsHead(context.Request.Method);
        var isSame = LastModified is null ? asked.IfNoneMatch.Contains(headers.ETag.ToString()) : asked.IfModifiedSince.Count > 0 && asked.IfModifiedSince == headers.LastModified;
        if (isSame)
            context.Response.StatusCode = StatusCodes.Status304NotModified;
        else
            headers.ContentLength = body.Length;
        if (Before is null) // on its way back
            await schedule.After(!IsPrompt && schedule.Chance(0.02) ? schedule.Between(100_000, 3_000_000) : schedule.Between(500, 200_000), asker);
        context.Features.Get<OriginExchange>()?.Arrived(OriginHead.Own(context) with { AnswersHead = isHead });
        if (isHead || isSame)
            return;
        await context.Response.Body.WriteAsync(body.AsMemory(0, 1));
        if (Before is null)
            await schedule.After(schedule.Between(0, 20_000), asker);
        await context.Response.Body.WriteAsync(body.AsMemory(1));
    }
}
