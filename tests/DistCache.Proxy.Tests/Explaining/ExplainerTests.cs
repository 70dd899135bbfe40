using DistCache.Proxy.Explaining;
using DistCache.Proxy.Requests;
using DistCache.Proxy.Tests.Kit;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;
using DistCache.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Tests.Explaining;

/// <summary>
/// An explanation names the true cause: for each named reason a request that meets it is explained, and then really sent. What Cache-Status
/// says of the answer is what the explanation said.
/// </summary>
public sealed class ExplainerTests
{
    private const string Cacheable = "Cache-Control: max-age=60";

    /// <summary>What a reason needs to show itself.</summary>
    private sealed record Fixture(string Reason, ExplainedDecision Decision)
    {
        public string Preset { get; init; } = "safe";
        public string Method { get; init; } = "GET";
        public string Target { get; init; } = "/x";
        public string[] Fields { get; init; } = [];
        public (string Key, string Value)[] Settings { get; init; } = [];

        /// <summary>The origin's answer at first; null: it answers nothing.</summary>
        public Func<EdgeInProcess, Script>? First { get; init; }

        /// <summary>The origin's answer afterwards, when another one.</summary>
        public Func<EdgeInProcess, Script>? Then { get; init; }

        /// <summary>A client's request before: its fields.</summary>
        public string[]? Before { get; init; }
        public int Later { get; init; }
        public bool Ask { get; init; }

        /// <summary>In Cache-Status, where it is not the reason as <c>detail</c>; empty: Kestrel itself refuses it, before any Cache-Status.</summary>
        public string? Shown { get; init; }

        /// <summary>How many requests it takes until it shows.</summary>
        public int Requests { get; init; } = 1;

        public override string ToString() => Reason;
    }

    private static Func<EdgeInProcess, Script> Ok(params string[] fields) => edge => Answers.Ok("0123456789", [edge.Date, .. fields]);

    private static Func<EdgeInProcess, Script> Status(string status, params string[] fields) => edge => Answers.WithLength(status, "0123456789"u8.ToArray(), [edge.Date, .. fields]);

    private static Fixture Refused(string reason, string method = "GET", string target = "/x", string[]? fields = null, string? shown = null) =>
        new(reason, ExplainedDecision.Refuse) { Method = method, Target = target, Fields = fields ?? [], Shown = shown };

    private static Fixture NotStored(string reason, params string[] fields) =>
        new(reason, ExplainedDecision.Fetch) { First = Ok(fields), Ask = true };

    private static readonly Fixture[] Fixtures =
    [
        Refused("method-not-allowed", method: "TRACE"),
        Refused("method-unknown", method: "get"),
        Refused("options-of-this-server", method: "OPTIONS", fields: ["Max-Forwards: 0"]),
        Refused("length-and-transfer-encoding", method: "POST", fields: ["Content-Length: 5", "Transfer-Encoding: chunked"]),
        Refused("transfer-encoding", method: "POST", fields: ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]),
        Refused("transfer-coding-unknown", method: "POST", fields: ["Transfer-Encoding: gzip"], shown: ""),
        Refused("field-name", fields: ["Bad(Name: 1"]),
        Refused("field-value", fields: ["X-A: a\u0001b"]),
        Refused("connection", fields: ["Connection: content-type"]),
        Refused("host", fields: ["Host: a b"], shown: ""),
        Refused("expectation", fields: ["Expect: 100-continue"]),
        Refused("fat-request", fields: ["Content-Length: 5"]),
        Refused("target-too-long", target: "/" + new string('a', 7700)),
        Refused("target-fragment", target: "/#x"),
        Refused("target-control", target: "/%01"),
        Refused("target-non-ascii", target: "/\u00e9", shown: ""),
        Refused("target-escape", target: "/%zz"),

        new("loop", ExplainedDecision.Error) { Fields = ["CDN-Loop: {loop}"] },
        new("no-route", ExplainedDecision.Error) { Settings = [("ReverseProxy:Routes:all:Match:Hosts:0", "elsewhere")] },
        new("no-policy", ExplainedDecision.Pass)
        {
            Settings = [("ReverseProxy:Routes:bare:ClusterId", "origin"), ("ReverseProxy:Routes:bare:Match:Path", "/bare"), ("ReverseProxy:Routes:bare:Order", "-1")],
            Target = "/bare", First = Ok(),
        },
        new("method", ExplainedDecision.Pass) { Method = "POST", First = Ok(), Shown = "fwd=method" },
        new("upgrade", ExplainedDecision.Pass) { Fields = ["Connection: Upgrade", "Upgrade: other"], First = Ok() },
        new("event-stream", ExplainedDecision.Pass) { Fields = ["Accept: text/event-stream"], First = Ok() },
        new("precondition", ExplainedDecision.Pass) { Fields = ["If-Match: \"1\""], First = Ok() },
        new("bypass-cookie", ExplainedDecision.Pass) { Settings = [("DistCache:Policies:default:Bypass:Cookies:0", "session")], Fields = ["Cookie: a=b; session=1"], First = Ok(Cacheable) },
        new("bypass-header", ExplainedDecision.Pass) { Settings = [("DistCache:Policies:default:Bypass:Headers:0", "X-Debug")], Fields = ["X-Debug: 1"], First = Ok(Cacheable) },
        new("bypass-query", ExplainedDecision.Pass) { Settings = [("DistCache:Policies:default:Bypass:Query:0", "preview")], Target = "/x?preview=1", First = Ok(Cacheable) },

        new("fresh", ExplainedDecision.Hit) { First = Ok(Cacheable), Before = [], Shown = "; hit" },
        new("part", ExplainedDecision.Hit)
        {
            First = edge => Answers.WithLength("206 Partial Content", "01234"u8.ToArray(), edge.Date, Cacheable, "ETag: \"1\"", "Content-Range: bytes 0-4/10"),
            Before = [], Fields = ["Range: bytes=1-2"], Shown = "; hit",
        },
        new("uri-miss", ExplainedDecision.Fetch) { First = Ok(Cacheable), Shown = "fwd=uri-miss" },
        new("uri-miss", ExplainedDecision.Fetch) { First = Ok(Cacheable), Ask = true, Shown = "fwd=uri-miss" },
        new("vary-miss", ExplainedDecision.Fetch) { First = Ok(Cacheable, "Vary: X-A"), Before = ["X-A: 1"], Fields = ["X-A: 2"], Shown = "fwd=vary-miss" },
        new("stale", ExplainedDecision.Validate) { First = Ok(Cacheable, "ETag: \"1\""), Before = [], Later = 61, Shown = "fwd=stale" },
        new("stale", ExplainedDecision.Fetch) { First = Ok(Cacheable), Before = [], Later = 61, Shown = "fwd=stale" },
        new("no-cache", ExplainedDecision.Validate) { First = Ok("Cache-Control: no-cache", "ETag: \"1\""), Before = [] },
        new("no-cache", ExplainedDecision.Fetch) { First = Ok("Cache-Control: no-cache", "ETag: \"1\""), Ask = true, Requests = 2 },
        new("request-no-cache", ExplainedDecision.Fetch) { Preset = "rfc9111", First = Ok(Cacheable), Before = [], Fields = ["Cache-Control: no-cache"] },
        new("request-max-age", ExplainedDecision.Fetch) { Preset = "rfc9111", First = Ok(Cacheable), Before = [], Later = 10, Fields = ["Cache-Control: max-age=5"] },
        new("request-min-fresh", ExplainedDecision.Fetch) { Preset = "rfc9111", First = Ok(Cacheable), Before = [], Later = 10, Fields = ["Cache-Control: min-fresh=55"] },
        new("request-max-stale", ExplainedDecision.Stale) { Preset = "rfc9111", First = Ok(Cacheable), Before = [], Later = 61, Fields = ["Cache-Control: max-stale=5"], Shown = "; hit" },
        new("stale-while-revalidate", ExplainedDecision.Stale) { First = Ok("Cache-Control: max-age=60, stale-while-revalidate=60"), Before = [], Later = 61 },
        new("stale-if-error", ExplainedDecision.Stale) { First = Ok("Cache-Control: max-age=60, stale-if-error=60"), Then = Status("503 Service Unavailable"), Before = [], Later = 61, Ask = true },
        new("stale-if-error", ExplainedDecision.Stale) { First = Ok("Cache-Control: max-age=60, stale-if-error=60"), Then = _ => Script.CloseAtOnce(), Before = [], Later = 61, Ask = true },
        new("only-if-cached", ExplainedDecision.Error) { Fields = ["Cache-Control: only-if-cached"] },

        new("uncacheable-marker", ExplainedDecision.Fetch) { First = Ok("Cache-Control: no-store"), Before = [] },
        new("head", ExplainedDecision.Fetch) { Method = "HEAD", First = Ok(Cacheable), Shown = "fwd=uri-miss" },
        new("status", ExplainedDecision.Fetch) { First = Status("777 Odd", Cacheable), Ask = true },
        NotStored("no-store", "Cache-Control: no-store"),
        NotStored("request-no-store", Cacheable) with { Preset = "rfc9111", Fields = ["Cache-Control: no-store"] },
        NotStored("private", "Cache-Control: private, max-age=60"),
        NotStored("authorization", Cacheable) with { Fields = ["Authorization: Basic eDp5"] },
        NotStored("set-cookie", Cacheable, "Set-Cookie: a=b"),
        NotStored("vary-star", Cacheable, "Vary: *"),
        NotStored("no-freshness"),
        NotStored("store-for-validation", "ETag: \"1\"") with { Preset = "rfc9111", Requests = 2, Shown = "fwd=stale" },
        NotStored("must-understand") with { First = Status("299 Odd", "Cache-Control: max-age=60, must-understand, no-store") },
        NotStored("close-delimited") with { First = edge => Script.Text($"HTTP/1.1 200 OK\r\n{edge.Date}\r\n{Cacheable}\r\n\r\n0123456789").Fin() },
        NotStored("partial") with { First = Status("206 Partial Content", Cacheable, "Content-Range: bytes 0-9/20") },
        new("validation-failed", ExplainedDecision.Validate)
        {
            Preset = "rfc9111", First = Ok(Cacheable, "ETag: \"1\""), Then = Status("503 Service Unavailable", Cacheable), Before = [], Fields = ["Cache-Control: no-cache"], Ask = true,
        },
        NotStored("too-large", Cacheable) with { Settings = [("DistCache:Policies:default:MaxObjectSize", "5")] },
        NotStored("vary-on-client-address", Cacheable, "Vary: X-Forwarded-For"),

        new("no-destination", ExplainedDecision.Error)
        {
            Settings = [("ReverseProxy:Routes:all:ClusterId", "empty"), ("ReverseProxy:Clusters:empty:LoadBalancingPolicy", "FirstAlphabetical")], Ask = true,
        },
        new("origin-timeout", ExplainedDecision.Error) { Settings = [("ReverseProxy:Clusters:origin:HttpRequest:ActivityTimeout", "00:00:00.3")], First = _ => Script.NeverAnswer(), Ask = true },
        new("origin-unreachable", ExplainedDecision.Error) { First = _ => Script.CloseAtOnce(), Ask = true },
        new("origin-unreachable", ExplainedDecision.Error) { First = _ => Script.Text("HTTP/1.1 304 Not Modified\r\n\r\n"), Ask = true },
    ];

    /// <summary>Reasons in words that no question to explain can meet.</summary>
    private static readonly string[] Unasked =
    [
        "target-form", "authority", // the question is a URL
        "content-location", // of POST, whose answer is looked at when it passes
        "suspect", // of a node without its lease: Purging/FencedTests
        "shared-tier", // of a region: Explaining/SharedLookTests
        "too-many-fills", // of a crowd: below
        "geo-blocked", "steered", // of a client's place: Geo/GeoGateTests
    ];

    public static TheoryData<int, string> Rows => new(Fixtures.Select((fixture, i) => (i, $"{fixture.Reason} {fixture.Decision}")));

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task The_cause_is_the_true_one(int row, string name)
    {
        var fixture = Fixtures[row];
        await using var edge = await EdgeInProcess.StartAsync(fixture.Preset, more: fixture.Settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));
        var fields = fixture.Fields.Select(field => field.Replace("{loop}", edge.Services.GetRequiredService<NodeIdentity>().LoopMember, StringComparison.Ordinal)).ToArray();
        if (fixture.First is { } first)
            edge.Origin.Others.Answer(first(edge));
        if (fixture.Before is { } before)
        {
            await edge.GetAsync(fixture.Target, before);
            await Eventually.TrueAsync(() => Task.FromResult(edge.Services.GetRequiredService<Proxy.Fills.FillServices>().UnderWay == 0));
        }
        edge.Time.Advance(TimeSpan.FromSeconds(fixture.Later));
        if (fixture.Then is { } then)
            edge.Origin.Others.Answer(then(edge));
        var asked = edge.Origin.Log.All.Count;

        var (explanation, wrong) = await edge.Services.GetRequiredService<IExplainer>().ExplainAsync(
            "http://test" + fixture.Target, fixture.Method, fields, client: "", fixture.Ask, TestContext.Current.CancellationToken);
        Assert.Null(wrong);
        Assert.Equal((fixture.Reason, fixture.Decision), (explanation!.Reason, explanation.Decision));
        if (!fixture.Ask)
            Assert.Equal(asked, edge.Origin.Log.All.Count);

        if (fixture.Shown == "")
            return;
        RawAnswer? answer = null;
        for (var i = 0; i < fixture.Requests; i++)
        {
            if (i > 0)
                edge.Time.Advance(TimeSpan.FromSeconds(1));
            answer = await edge.RequestAsync(fixture.Method, fixture.Target, fields);
        }
        Assert.Contains(fixture.Shown ?? $"detail={fixture.Reason}", answer!.Field("Cache-Status"), StringComparison.Ordinal);
        if (explanation.Status is { } status)
            Assert.Equal(status, answer.Status);
        Assert.NotEmpty(name);
    }

    [Fact]
    public void Every_reason_is_put_in_words_and_has_a_fixture()
    {
        Assert.Equal(
            NamedReasons.All.Select(reason => reason.Name).Except(Unasked).Order(),
            Fixtures.Select(fixture => fixture.Reason).Distinct().Order());
        foreach (var name in Enum.GetValues<RefusalReason>().Where(reason => reason != RefusalReason.None).Select(reason => reason.Name())
                     .Concat(Enum.GetValues<ReuseReason>().Select(reason => reason.Reason()))
                     .Concat(Enum.GetValues<StorageDecision>().Where(decision => decision != StorageDecision.Store).Select(decision => decision.Reason())))
            Assert.NotEmpty(NamedReasons.Of(name).Remedy);
    }

    [Fact]
    public async Task Route_policy_key_and_what_is_stored_are_shown()
    {
        await using var edge = await EdgeInProcess.StartAsync(more: new Dictionary<string, string?>
        {
            ["DistCache:Policies:default:Key:Headers:0"] = "X-Shop",
            ["DistCache:Policies:default:Key:Query:Ignore:0"] = "@tracking",
        });
        edge.Origin.Others.Answer(Ok(Cacheable, "Vary: Cookie, X-A", "ETag: \"1\"", "Surrogate-Key: a b")(edge));
        await edge.GetAsync("/x?b=1&utm_source=mail", "Cookie: secret=1", "X-A: 1", "X-Shop: 7");
        edge.Time.Advance(TimeSpan.FromSeconds(12));

        var hit = await ExplainAsync(edge, "http://test/x?b=1", "Cookie: secret=1", "X-A: 1", "X-Shop: 7");
        Assert.Equal(("all", "origin", "/{**rest}"), (hit.Route!.Id, hit.Route.Cluster, hit.Route.Path));
        Assert.Equal([edge.Origin.Url.ToString()], hit.Route.Destinations);
        Assert.Equal(("default", "safe"), (hit.Policy!.Name, hit.Policy.Preset));
        Assert.Equal(("http", "test", "/x", "?b=1", "all"), (hit.Key!.Scheme, hit.Key.Host, hit.Key.Path, hit.Key.Query, hit.Key.Route));
        Assert.Equal(["X-Shop"], hit.Key.Fields);
        var stored = hit.Stored!;
        Assert.Equal((200, 12, 60, "max-age", 48, true, 1, 10), (stored.Status, stored.Age, stored.Lifetime, stored.LifetimeFrom, stored.Ttl, stored.HasValidator, stored.Variants, stored.Bytes));
        Assert.Equal(["a", "b"], stored.Tags);
        Assert.Equal("max-age=60", stored.Fields["cache-control"]);

        var miss = await ExplainAsync(edge, "http://test/x?b=1", "Cookie: secret=2", "X-A: 2", "X-Shop: 7");
        Assert.Equal("vary-miss", miss.Reason);
        var differs = miss.Differs!.ToDictionary(variant => variant.Field);
        Assert.Equal("2", differs["x-a"].Asked);
        Assert.Equal(["1"], differs["x-a"].Stored);
        Assert.DoesNotContain("secret", string.Join(' ', differs["cookie"].Stored) + differs["cookie"].Asked, StringComparison.Ordinal);
        Assert.Equal("DistCache:Policies:default:Vary", miss.Setting);
    }

    [Fact]
    public async Task Asking_neither_stores_nor_reads_the_body_and_says_that_the_next_request_would_be_a_hit()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/x").Answer(Script.Text($"HTTP/1.1 200 OK\r\n{edge.Date}\r\n{Cacheable}\r\nContent-Length: 10000000\r\n\r\n0123").Silence());
        var explanation = await ExplainAsync(edge, "http://test/x", ask: true);
        Assert.Equal((true, "fresh", 200), (explanation.Origin!.MayStore, explanation.Origin.Next, explanation.Origin.Response!.Status));
        Assert.EndsWith("the next request would be a hit.", explanation.Because, StringComparison.Ordinal);
        Assert.Equal("uri-miss", (await ExplainAsync(edge, "http://test/x")).Reason);
    }

    [Fact]
    public async Task Asking_is_one_of_the_fills_that_may_be_under_way_at_once()
    {
        await using var edge = await EdgeInProcess.StartAsync(more: new Dictionary<string, string?> { ["DistCache:Origin:MaxFills"] = "1" });
        var gate = new Gate();
        edge.Origin.On("/long").Answer(new Script().Wait(gate).Then(Answers.Ok("x", Cacheable)));
        edge.Origin.On("/x").Answer(Ok(Cacheable)(edge));
        var first = edge.GetAsync("/long");
        await gate.Reached;
        var explanation = await ExplainAsync(edge, "http://test/x", ask: true);
        Assert.Equal(("too-many-fills", ExplainedDecision.Error, 503), (explanation.Reason, explanation.Decision, explanation.Status));
        Assert.Equal(0, edge.Fetches("/x"));
        gate.Open();
        await first;
        await Eventually.TrueAsync(async () => (await ExplainAsync(edge, "http://test/x", ask: true)).Origin is { MayStore: true });
        Assert.True((await ExplainAsync(edge, "http://test/x", ask: true)).Origin!.MayStore); // and gives its place back
    }

    [Fact]
    public async Task A_marker_says_why_its_answer_was_not_stored_and_what_helps()
    {
        await using var edge = await EdgeInProcess.StartAsync();
        edge.Origin.On("/x").Answer(Ok(Cacheable, "Set-Cookie: a=b")(edge));
        await edge.GetAsync("/x");
        edge.Time.Advance(TimeSpan.FromSeconds(3));
        var explanation = await ExplainAsync(edge, "http://test/x");
        Assert.Equal(("uncacheable-marker", "DistCache:Policies:default:SetCookie"), (explanation.Reason, explanation.Setting));
        Assert.Contains("3 s ago it was set-cookie", explanation.Because, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/x", "GET", "a: b", "url: '/x' is not absolute.")]
    [InlineData("ftp://test/x", "GET", "a: b", "url: 'ftp://test/x' is not absolute.")]
    [InlineData("http:///x", "GET", "a: b", "url: 'http:///x' is not absolute.")]
    [InlineData("http://test/", "PURGE", "a: b", "method: 'PURGE' is no request for the cache.")]
    [InlineData("http://test/", "GET", "nothing", "header: 'nothing' is no field line.")]
    [InlineData("http://test/", "GET", "a: b", "client: 'somewhere' is not an IP address.", "somewhere")]
    [InlineData("http://test/", "GET", "a: b\r\nc: d", "header: 'a: b\r\nc: d' is no field line.")]
    public async Task A_question_that_is_not_clear_is_said_to_be_so(string url, string method, string fieldLine, string wrong, string client = "")
    {
        await using var edge = await EdgeInProcess.StartAsync();
        var answer = await edge.Services.GetRequiredService<IExplainer>().ExplainAsync(url, method, [fieldLine], client, asksOrigin: false, TestContext.Current.CancellationToken);
        Assert.Null(answer.Explanation);
        Assert.StartsWith(wrong, answer.Wrong, StringComparison.Ordinal);
    }

    private static Task<Explanation> ExplainAsync(EdgeInProcess edge, string url, params string[] fields) => ExplainAsync(edge, url, ask: false, fields);

    private static async Task<Explanation> ExplainAsync(EdgeInProcess edge, string url, bool ask, params string[] fields) =>
        (await edge.Services.GetRequiredService<IExplainer>().ExplainAsync(url, "GET", fields, client: "", ask, TestContext.Current.CancellationToken)).Explanation!;
}
