using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.Demo;

/// <summary>One request that reached the demo origin: the n-th for its page.</summary>
internal sealed class DemoVisit(HttpContext context, DemoPage page, int number, TimeProvider time)
{
    public HttpRequest Request => context.Request;

    public HttpResponse Response => context.Response;

    public CancellationToken Aborted => context.RequestAborted;

    public int Number => number;

    public TimeProvider Time => time;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    /// <summary>
    /// Scheme and host as the client wrote them: the edge asks with the origin's own host and tells the client's in X-Forwarded-*.
    /// </summary>
    public string BaseUrl
    {
        get
        {
            var host = Forwarded("X-Forwarded-Host") ?? Request.Host.Value ?? "localhost";
            return $"{Forwarded("X-Forwarded-Proto") ?? Request.Scheme}://{host}";
        }
    }

    public void CacheControl(string value) => Response.Headers.CacheControl = value;

    /// <summary>The page itself, with what it has to add (HTML) below its explanation.</summary>
    public Task WritePageAsync(string addition = "")
    {
        var body = Encoding.UTF8.GetBytes(DemoHtml.Page(page, this, addition));
        Announce("text/html; charset=utf-8");
        Response.ContentLength = body.Length;
        return Response.Body.WriteAsync(body, Aborted).AsTask();
    }

    /// <summary>Type, and how often the origin was asked. Every answer carries it, a 304 too.</summary>
    public void Announce(string? contentType)
    {
        Response.ContentType = contentType;
        Response.Headers["Demo-Request"] = number.ToString(CultureInfo.InvariantCulture);
    }

    private string? Forwarded(string name) => Request.Headers[name] is [{ Length: > 0 } value] ? value : null;
}
