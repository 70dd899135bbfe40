using System.Globalization;
using DistCache.TestKit;

namespace DistCache.FleetNetwork;

/// <summary>An origin in which every path is a page of ten minutes, with the tag <c>demo</c> and a number that says how often it was fetched.</summary>
internal static class DemoSite
{
    public static ScriptOrigin Start(int port)
    {
        var fetched = 0;
        var site = ScriptOrigin.Start(port);
        site.Log.Keeps = false;
        site.Others.Answer(request =>
        {
            var number = Interlocked.Increment(ref fetched);
            var body = string.Create(CultureInfo.InvariantCulture, $"fetch {number}\n");
            string[] fields = ["Cache-Control: max-age=600", "Content-Type: text/plain", "Surrogate-Key: demo", $"ETag: \"{number}\""];
            return Script.Bytes(request.Method == "HEAD"
                ? Answers.Head("200 OK", [.. fields, $"Content-Length: {body.Length}"])
                : Answers.Ok(body, fields));
        });
        return site;
    }
}
