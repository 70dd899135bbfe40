using System.Globalization;
using System.Text.RegularExpressions;
using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>
/// One target at the edge and at the origin. Field lines are written with <c>|</c> between them; <c>{-60}</c> stands for the HTTP-date
/// of 60 s ago. An answer that a row writes has a Date of now unless it writes its own, or <c>NoDate</c>.
/// </summary>
internal sealed partial class Row(EdgeInProcess edge, string target)
{
    public EdgeInProcess Edge => edge;

    public string Target => target;

    public IReadOnlyList<OriginRequest> Asked => edge.Origin.Requests(target);

    /// <summary>What becomes of a second request: "hit", "304" (validated and confirmed), or "fetch".</summary>
    /// <param name="lines">Of the first answer, whose body is "one".</param>
    /// <param name="after">Seconds between the two.</param>
    public async Task<string> SecondAsync(string lines, double after = 0, string status = "200 OK", string first = "", string second = "")
    {
        Stored(lines, status);
        await GetAsync(first);
        edge.Time.Advance(TimeSpan.FromSeconds(after));
        return await OutcomeAsync(second);
    }

    /// <summary>The origin answers "one" first; then it confirms whatever it is asked about, or answers "two".</summary>
    public void Stored(string lines, string status = "200 OK")
    {
        var one = Answers.WithLength(status, HasBody(status) ? "one"u8.ToArray() : [], Lines(lines));
        var asked = 0;
        edge.Origin.On(target).Answer(request =>
            Interlocked.Increment(ref asked) == 1 ? one
            : IsConditional(request) ? Answers.Head("304 Not Modified", edge.Date)
            : Answers.Ok("two", edge.Date, "Cache-Control: no-store"));
    }

    /// <summary>Sends one more request, and tells whether the origin heard of it.</summary>
    public async Task<string> OutcomeAsync(string lines = "")
    {
        var before = Asked.Count;
        var answer = await GetAsync(lines);
        if (Asked.Count == before)
        {
            Assert.NotNull(answer.Field("Age")); // rule 23
            return "hit";
        }
        return IsConditional(Asked[before]) && answer.Text != "two" ? "304" : "fetch";
    }

    public byte[] Then304(string lines = "") => Answers.Head("304 Not Modified", Lines(lines));

    public byte[] Ok(string body, string lines = "") => Answers.Ok(body, Lines(lines));

    public Row Answer(params Script[] inTurn)
    {
        edge.Origin.On(target).Answer(inTurn);
        return this;
    }

    public Task<RawAnswer> GetAsync(string lines = "") => RequestAsync("GET", lines);

    public Task<RawAnswer> RequestAsync(string method, string lines = "") => edge.RequestAsync(method, target, Split(lines));

    public void Pass(double seconds) => edge.Time.Advance(TimeSpan.FromSeconds(seconds));

    public string[] Lines(string lines)
    {
        var written = Split(lines);
        if (written.Contains("NoDate"))
            return [.. written.Where(line => line != "NoDate")];
        return written.Any(line => line.StartsWith("Date:", StringComparison.OrdinalIgnoreCase)) ? written : [.. written, edge.Date];
    }

    /// <summary>An HTTP-date so many seconds from now.</summary>
    public string At(double seconds) => edge.Time.GetUtcNow().AddSeconds(seconds).UtcDateTime.ToString("R", CultureInfo.InvariantCulture);

    private string[] Split(string lines) =>
        [.. Moment().Replace(lines, match => At(double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))).Split('|', StringSplitOptions.RemoveEmptyEntries)];

    private static bool IsConditional(OriginRequest request) => request.Field("If-None-Match") is not null || request.Field("If-Modified-Since") is not null;

    private static bool HasBody(string status) => !status.StartsWith("204", StringComparison.Ordinal);

    [GeneratedRegex(@"\{([+-]?\d+)\}")]
    private static partial Regex Moment();
}
