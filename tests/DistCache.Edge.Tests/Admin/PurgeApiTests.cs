using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DistCache.Edge.Admin;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Admin;

/// <summary>The purge API of the real program in front of its demo origin: our shape and the shapes of others, keys, scopes, rate.</summary>
public sealed class PurgeApiTests
{
    private static readonly (string Key, string Hash) Reader = ApiKey.Make();
    private static readonly (string Key, string Hash) Purger = ApiKey.Make();
    private static readonly (string Key, string Hash) Admin = ApiKey.Make();

    private static readonly (string, string)[] Keys =
    [
        ("DistCache__Admin__Keys__reader__Hash", Reader.Hash), ("DistCache__Admin__Keys__reader__Scopes", "read"),
        ("DistCache__Admin__Keys__purger__Hash", Purger.Hash), ("DistCache__Admin__Keys__purger__Scopes", "purge;read"),
        ("DistCache__Admin__Keys__boss__Hash", Admin.Hash), ("DistCache__Admin__Keys__boss__Scopes", "admin"),
    ];

    public static TheoryData<string, string, string, string> Shapes => new()
    {
        { "/api/v1/purges", """{"urls":["{edge}/tagged"]}""", "", "hard" },
        { "/api/v1/purges", """{"tags":["demo-tagged"],"mode":"soft","wait":"all","timeout":"5s"}""", "", "soft" },
        { "/api/v1/purges", """{"prefixes":["{host}/tag"]}""", "", "hard" },
        { "/api/v1/purges", """{"hosts":["{host}"],"wait":"none"}""", "", "hard" },
        { "/api/v1/purges", """{"everything":true,"confirm":true}""", "", "hard" },
        { "/api/v1/purge_cache", """{"files":["{edge}/tagged"]}""", "", "hard" },
        { "/client/v4/zones/z/purge_cache", """{"files":[{"url":"{edge}/tagged","headers":{"Accept":"*/*"}}]}""", "", "hard" },
        { "/client/v4/zones/z/purge_cache", """{"tags":["demo-tagged"]}""", "", "hard" },
        { "/client/v4/zones/z/purge_cache", """{"prefixes":["{host}/tag"],"hosts":["elsewhere"]}""", "", "hard" },
        { "/client/v4/zones/z/purge_cache", """{"purge_everything":true}""", "", "hard" },
        { "/api/v1/invalidate_cache", """{"tags":["demo-tagged"]}""", "", "soft" },
        { "/service/s/purge/demo-tagged", "", "", "hard" },
        { "/service/s/purge/demo-tagged", "", "Fastly-Soft-Purge: 1", "soft" },
        { "/service/s/purge", "", "Surrogate-Key: other demo-tagged", "hard" },
        { "/service/s/purge", """{"surrogate_keys":["demo-tagged","other"]}""", "", "hard" },
        { "/service/s/purge_all", "", "", "hard" },
    };

    [Fact]
    public async Task Each_shape_purges_what_it_names()
    {
        await using var edge = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0"]);
        using var client = new HttpClient { BaseAddress = edge.Admin };
        var page = new Uri(edge.Data[0], "/tagged");
        foreach (var (path, body, field, mode) in Shapes.Select(row => row.Data))
        {
            await client.GetAsync(page, TestContext.Current.CancellationToken);
            Assert.Contains("; hit", await StatusOf(client, page), StringComparison.Ordinal);
            var (status, answer) = await PostAsync(client, path, body.Replace("{edge}", edge.Data[0].GetLeftPart(UriPartial.Authority), StringComparison.Ordinal).Replace("{host}", edge.Data[0].Authority, StringComparison.Ordinal), field);
            Assert.True(status == HttpStatusCode.OK, $"{path} {body}: {answer}");
            Assert.Contains(mode == "soft" ? "fwd=stale" : "fwd=uri-miss", await StatusOf(client, page), StringComparison.Ordinal);
            var shape = JsonDocument.Parse(answer).RootElement;
            if (path.StartsWith("/service/", StringComparison.Ordinal) && !path.EndsWith("/purge", StringComparison.Ordinal))
                Assert.Equal("ok", shape.GetProperty("status").GetString());
            else if (path.EndsWith("/purge", StringComparison.Ordinal))
                Assert.NotEmpty(shape.GetProperty("demo-tagged").GetString()!);
            else if (path.EndsWith("_cache", StringComparison.Ordinal))
                Assert.True(shape.GetProperty("success").GetBoolean() && shape.GetProperty("result").GetProperty("id").GetString()!.Length == 16);
            else
                Assert.Equal(("complete", mode, 1), (shape.GetProperty("status").GetString(), shape.GetProperty("mode").GetString(), shape.GetProperty("applied").GetArrayLength()));
        }

        var list = JsonDocument.Parse(await client.GetStringAsync("/api/v1/purges?limit=2", TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal((Shapes.Count, Shapes.Count - 1), (list.GetProperty("items")[0].GetProperty("position").GetInt32(), list.GetProperty("next").GetInt32()));
        list = JsonDocument.Parse(await client.GetStringAsync("/api/v1/purges?before=2", TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(1, list.GetProperty("items").GetArrayLength());
        Assert.False(list.TryGetProperty("next", out _));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/v1/purges/1000", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Contains("\"hard\"", await client.GetStringAsync("/api/v1/purges/1", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var (_, first) = await PostAsync(client, "/api/v1/purges", """{"tags":["a"],"idempotencyKey":"k"}""");
        Assert.Equal(first, (await PostAsync(client, "/api/v1/purges", """{"tags":["a"],"idempotencyKey":"k"}""")).Answer);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync(client, "/api/v1/purges", """{"tags":["b"],"idempotencyKey":"k"}""")).Status);
    }

    [Fact]
    public async Task What_is_not_clear_is_refused_with_its_name_and_the_remedy_and_purges_nothing()
    {
        await using var edge = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0"]);
        using var client = new HttpClient { BaseAddress = edge.Admin };
        foreach (var (path, body, field, detail) in new[]
        {
            ("/api/v1/purges", "{}", "", "Nothing is named to purge. Use urls, tags, prefixes, hosts or everything."),
            ("/api/v1/purges", "", "", "The input does not contain any JSON tokens."),
            ("/api/v1/purges", "null", "", "The body is null."),
            ("/api/v1/purges", "[]", "", "The JSON value could not be converted"),
            ("/api/v1/purges", """{"url":["http://a/"]}""", "", "url: there is no such member."),
            ("/api/v1/purges", """{"urls":"http://a/"}""", "", "urls: The JSON value could not be converted"),
            ("/api/v1/purges", """{"urls":["/a"]}""", "", "urls[0]: '/a' is not an absolute URL."),
            ("/api/v1/purges", """{"urls":["http://a/",null]}""", "", "urls[1]: '' is not an absolute URL."),
            ("/api/v1/purges", """{"tags":["a b"]}""", "", "tags[0]: 'a b' is not a tag"),
            ("/api/v1/purges", """{"prefixes":["a"]}""", "", "prefixes[0]: 'a' is not a prefix."),
            ("/api/v1/purges", """{"hosts":["a/b"]}""", "", "hosts[0]: 'a/b' is not a host."),
            ("/api/v1/purges", """{"everything":true}""", "", "everything: needs confirm: true beside it."),
            ("/api/v1/purges", """{"tags":["a"],"mode":"gentle"}""", "", "mode: 'gentle' is not hard or soft."),
            ("/api/v1/purges", """{"tags":["a"],"wait":"long"}""", "", "wait: 'long' is not none, region or all."),
            ("/api/v1/purges", """{"tags":["a"],"timeout":"5"}""", "", "timeout: '5' is not a duration."),
            ("/api/v1/purges", """{"tags":["a"],"timeout":"3601s"}""", "", "timeout: '3601s' is longer than 1h."),
            ("/api/v1/purges", """{"tags":["a"],"timeout":"50d"}""", "", "timeout: '50d' is longer than 1h. Write up to 1h, and ask /api/v1/purges/{position} again"), // more than a timer counts
            ("/api/v1/purges", """{"tags":["a"],"idempotencyKey":""}""", "", "idempotencyKey: use 1 to 128 characters."),
            ("/api/v1/purges", JsonSerializer.Serialize(new { tags = Enumerable.Range(0, 1_001).Select(i => $"t{i}") }), "", "More than 1000 are named."),
            ("/api/v1/purges", JsonSerializer.Serialize(new { urls = Enumerable.Range(0, 600).Select(i => $"https://a.example/{i}?{new string('x', 1_000)}") }), "", "What is named comes to more than 1048576 characters."), // each for two schemes; L8
            ("/api/v1/purge_cache", """{"files":[{"uri":"http://a/"}]}""", "", "files[0]: '' is not an absolute URL."),
            ("/api/v1/purge_cache", """{"purge_everything":"yes"}""", "", "purge_everything: "),
            ("/service/s/purge", """{"surrogate_keys":[]}""", "", "Nothing is named to purge."),
            ("/service/s/purge/a", "", "Fastly-Soft-Purge: yes", "Fastly-Soft-Purge: 'yes' is not 1 (soft) or 0 (hard)."),
        })
        {
            var (status, answer) = await PostAsync(client, path, body, field);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.StartsWith(detail, JsonDocument.Parse(answer).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(client, "/api/v1/purges", new string(' ', (1 << 20) + 1))).Status);
        Assert.Contains("\"position\":0", await client.GetStringAsync("/api/v1/nodes", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_may_do_what_its_scopes_say_and_nobody_anything_without_one()
    {
        await using var edge = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0"], Keys);
        const string tag = """{"tags":["a"]}""";
        const string all = """{"everything":true,"confirm":true}""";
        foreach (var (key, path, body, status) in new (string? Key, string Path, string? Body, HttpStatusCode Status)[]
        {
            (null, "/api/v1/purges", tag, HttpStatusCode.Unauthorized),
            ("wrong", "/api/v1/purges", tag, HttpStatusCode.Unauthorized),
            (Purger.Hash, "/api/v1/purges", tag, HttpStatusCode.Unauthorized), // what is written is no key
            (Reader.Key, "/api/v1/purges", tag, HttpStatusCode.Forbidden),
            (Purger.Key, "/api/v1/purges", tag, HttpStatusCode.OK),
            (Purger.Key, "/api/v1/purges", all, HttpStatusCode.Forbidden),
            (Purger.Key, "/api/v1/purge_cache", """{"purge_everything":true}""", HttpStatusCode.Forbidden),
            (Purger.Key, "/service/s/purge_all", "", HttpStatusCode.Forbidden),
            (Admin.Key, "/api/v1/purges", all, HttpStatusCode.OK),
            (null, "/metrics", null, HttpStatusCode.Unauthorized),
            (null, "/api/v1/explain?url=http%3A%2F%2Fa%2F", null, HttpStatusCode.Unauthorized),
            (null, "/api/v1/purges", null, HttpStatusCode.Unauthorized),
            (null, "/api/v1/nodes", null, HttpStatusCode.Unauthorized),
            (Reader.Key, "/metrics", null, HttpStatusCode.OK),
            (Reader.Key, "/api/v1/explain?url=http%3A%2F%2Fa%2F", null, HttpStatusCode.OK),
            (Reader.Key, "/api/v1/purges", null, HttpStatusCode.OK),
            (null, "/livez", null, HttpStatusCode.OK),
            (null, "/api/v1/openapi.json", null, HttpStatusCode.OK),
        })
        {
            using var client = new HttpClient { BaseAddress = edge.Admin };
            if (key is not null)
                client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            var got = body is null ? (await client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode : (await PostAsync(client, path, body)).Status;
            Assert.True(status == got, $"{path} {body}: {got}");
        }
        using var fastly = new HttpClient { BaseAddress = edge.Admin };
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(fastly, "/service/s/purge/a", "", $"Fastly-Key: {Purger.Key}")).Status);
        Assert.Contains("by purger: tag:#", edge.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Purger.Key, edge.Error + edge.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin: http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin: null", HttpStatusCode.Forbidden)]
    [InlineData("Host: evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Host: localhost", HttpStatusCode.OK)]
    public async Task Without_keys_no_web_page_of_another_site_reaches_it(string field, HttpStatusCode status)
    {
        await using var edge = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0"]);
        using var client = new HttpClient { BaseAddress = edge.Admin };
        Assert.Equal(status, (await PostAsync(client, "/service/s/purge_all", "", field)).Status);
    }

    [Fact]
    public async Task Beyond_the_rate_it_is_429_for_that_key_alone()
    {
        await using var edge = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0"], [.. Keys, ("DistCache__Admin__Rate", "1")]);
        using var reader = new HttpClient { BaseAddress = edge.Admin };
        reader.DefaultRequestHeaders.Authorization = new("Bearer", Reader.Key);
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 100; i++)
            statuses.Add((await reader.GetAsync("/api/v1/nodes", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, statuses[0]);
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        using var boss = new HttpClient { BaseAddress = edge.Admin };
        boss.DefaultRequestHeaders.Authorization = new("Bearer", Admin.Key);
        Assert.Equal(HttpStatusCode.OK, (await boss.GetAsync("/api/v1/nodes", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Bad_keys_and_rates_are_told_before_it_starts_and_with_keys_it_may_listen_for_others()
    {
        var (code, _, error) = await BuiltProgram.RunAsync(["config", "check"],
            ("DistCache__Admin__Keys__a__Hash", "secret"), ("DistCache__Admin__Keys__a__Scopes", "all"), ("DistCache__Admin__Rate", "0"));
        Assert.Equal(2, code);
        Assert.Contains("DistCache:Admin:Keys:a:Hash: is not sha256: and 64 hexadecimal digits. Make a key with 'DistCache.Edge key new'", error, StringComparison.Ordinal);
        Assert.Contains("DistCache:Admin:Rate: '0' is not a number of requests a second. Write 1 to 10000.", error, StringComparison.Ordinal);

        (code, _, error) = await BuiltProgram.RunAsync(["config", "check", "--admin", "http://0.0.0.0:9090"]);
        Assert.Equal(2, code);
        (code, _, error) = await BuiltProgram.RunAsync(["config", "check", "--admin", "http://0.0.0.0:9090"], Keys);
        Assert.Equal((0, ""), (code, error));
    }

    [Fact]
    public async Task The_verbs_speak_it()
    {
        await using var edge = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0"], Keys);
        string[] admin = ["--admin", edge.Admin.GetLeftPart(UriPartial.Authority)];
        using var client = new HttpClient();
        await client.GetAsync(new Uri(edge.Data[0], "/tagged"), TestContext.Current.CancellationToken);

        Assert.StartsWith("Would purge 1 stored responses", (await Run(Purger.Key, "purge", "tag", "demo-tagged", "--dry-run")).Output, StringComparison.Ordinal);
        var (code, output, _) = await Run(Purger.Key, "purge", "url", new Uri(edge.Data[0], "/tagged").ToString(), "--soft");
        Assert.Equal(0, code);
        Assert.Contains("complete, soft, applied by ", output, StringComparison.Ordinal);
        Assert.Contains("fwd=stale", await StatusOf(client, new(edge.Data[0], "/tagged")), StringComparison.Ordinal);
        Assert.Equal(2, (await Run(Purger.Key, "purge", "all", "--confirm")).Code);
        Assert.Equal((2, "everything: needs confirm: true beside it."), await Error(Run(Admin.Key, "purge", "all")));
        Assert.Equal(0, (await Run(Admin.Key, "purge", "all", "--confirm")).Code);
        Assert.Equal(2, JsonDocument.Parse((await Run(Reader.Key, "purges", "--json")).Output).RootElement.GetProperty("items").GetArrayLength());
        Assert.Contains("ready  position ", (await Run(Reader.Key, "nodes")).Output, StringComparison.Ordinal);
        Assert.StartsWith("Send an API key", (await Run("", "nodes")).Error, StringComparison.Ordinal);
        Assert.Equal((2, "No other node 'ams 2' is known here. GET /api/v1/nodes names them."), await Error(Run(Admin.Key, "node", "forget", "ams 2")));
        Assert.Equal((2, "The key 'purger' lacks the scope admin."), await Error(Run(Purger.Key, "node", "forget", "ams-2")));

        var (_, key, written) = await BuiltProgram.RunAsync(["key", "new", "shop", "--scope", "purge"]);
        Assert.StartsWith("dc_", key, StringComparison.Ordinal);
        Assert.Contains($"sha256:{ApiKey.HashOf(key)}", written, StringComparison.Ordinal);

        Task<(int Code, string Output, string Error)> Run(string known, params string[] verb) => BuiltProgram.RunAsync([.. verb, .. admin], ("DISTCACHE_KEY", known));
        static async Task<(int, string)> Error(Task<(int Code, string, string Error)> run) => ((await run).Code, (await run).Error);
    }

    [Fact]
    public async Task The_document_describes_every_route_of_the_api_and_can_be_looked_at()
    {
        using var document = JsonDocument.Parse(ApiDocument.Bytes());
        var described = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Where(method => method.Name is "get" or "post" or "delete").Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"));
        await using var edge = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0"]);
        using var client = new HttpClient { BaseAddress = edge.Admin };
        foreach (var route in described)
        {
            var (method, path) = (route.Split(' ')[0], route.Split(' ')[1].Replace("{position}", "1", StringComparison.Ordinal).Replace("{key}", "a", StringComparison.Ordinal));
            using var request = new HttpRequestMessage(new(method), path);
            Assert.NotEqual(HttpStatusCode.MethodNotAllowed, (await client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
        }
        Assert.Equal(
            described.Order(),
            AdminRoutes.All.Where(route => !route.EndsWith("openapi.json", StringComparison.Ordinal) && !route.Contains("/docs", StringComparison.Ordinal)).Order());
        Assert.Contains("scalar", await client.GetStringAsync("/api/v1/docs/", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True((await client.GetAsync("/api/v1/docs/scalar.js", TestContext.Current.CancellationToken)).IsSuccessStatusCode);
    }

    private static async Task<string> StatusOf(HttpClient client, Uri page)
    {
        using var answer = await client.GetAsync(page, TestContext.Current.CancellationToken);
        return string.Join(", ", answer.Headers.GetValues("Cache-Status"));
    }

    private static async Task<(HttpStatusCode Status, string Answer)> PostAsync(HttpClient client, string path, string body, string field = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (field.Split(": ", 2) is [var name, var value])
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Described.Check(response);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
