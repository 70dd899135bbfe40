using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Admin.Purging;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Admin;

/// <summary>The answers of the purge routes are those that the OpenAPI document promises, and errors are problem details (RFC 9457), also where there is no route.</summary>
public sealed class DescribedPurgesTests
{
    private static readonly (string Key, string Hash) Admin = ApiKey.Make();
    private static readonly (string Key, string Hash) Reader = ApiKey.Make();
    private static readonly (string Key, string Hash) Purger = ApiKey.Make();

    private static readonly ApiKeys Keys = new(
        [new("boss", ApiKey.HashOf(Admin.Key), Scope.Admin), new("reader", ApiKey.HashOf(Reader.Key), Scope.Read), new("purger", ApiKey.HashOf(Purger.Key), Scope.Purge)]);

    private static readonly string TooLong = new(' ', RequestBody.Most + 1);

    /// <summary>For each route a request that is well, and one that is not understood.</summary>
    public static TheoryData<string, string, string, string> Routes => new()
    {
        { "POST /api/v1/purges", """{"tags":["a"]}""", "/api/v1/purges", "{}" },
        { "GET /api/v1/purges", "", "/api/v1/purges?limit=0", "" },
        { "GET /api/v1/purges/{position}", "", "/api/v1/purges/first", "" },
        { "POST /api/v1/purge_cache", """{"tags":["a"]}""", "/api/v1/purge_cache", "{}" },
        { "POST /api/v1/invalidate_cache", """{"tags":["a"]}""", "/api/v1/invalidate_cache", "{}" },
        { "POST /client/v4/zones/{zone}/purge_cache", """{"tags":["a"]}""", "/client/v4/zones/z/purge_cache", "{}" },
        { "POST /client/v4/zones/{zone}/invalidate_cache", """{"tags":["a"]}""", "/client/v4/zones/z/invalidate_cache", "{}" },
        { "POST /service/{service}/purge/{key}", "", "/service/s/purge/a%20b", "" },
        { "POST /service/{service}/purge", """{"surrogate_keys":["a"]}""", "/service/s/purge", "{}" },
        { "POST /service/{service}/purge_all", "", "/service/s/purge_all", "" },
    };

    [Fact]
    public void Every_purge_route_is_asked() =>
        Assert.Equal(Described.Routes.Where(route => route.Contains("purge", StringComparison.Ordinal) || route.Contains("invalidate", StringComparison.Ordinal)).Order(), Routes.Select(row => row.Data.Item1).Order());

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Each_status_of_a_purge_route_is_seen_and_described(string route, string body, string wrongPath, string wrongBody)
    {
        await using var node = await AdminNode.StartAsync(Keys, rate: 1_000);
        var (method, path) = (new HttpMethod(route.Split(' ')[0]), route.Split(' ')[1].Replace("{position}", "1", StringComparison.Ordinal).Replace('{', 'x').Replace('}', 'x'));
        var isRead = method == HttpMethod.Get;
        await SendAsync(HttpMethod.Post, "/service/s/purge/first", "", Admin.Key);
        var seen = new SortedSet<int>
        {
            await SendAsync(method, path, body, Admin.Key),
            await SendAsync(method, wrongPath, wrongBody, Admin.Key, path.EndsWith("purge_all", StringComparison.Ordinal) ? "Fastly-Soft-Purge: perhaps" : ""),
            await SendAsync(method, path, body, ""),
            await SendAsync(method, path, body, isRead ? Purger.Key : Reader.Key),
        };
        if (Described.StatusesOf(route).Contains(413) || await SendAsync(method, path, isRead ? "" : TooLong, Admin.Key) == 413)
            seen.Add(await SendAsync(method, path, TooLong, Admin.Key));
        if (path == PurgeEndpoints.Path && !isRead)
        {
            await SendAsync(method, path, """{"tags":["a"],"idempotencyKey":"k"}""", Admin.Key);
            seen.Add(await SendAsync(method, path, """{"tags":["b"],"idempotencyKey":"k"}""", Admin.Key));
        }
        if (path == PurgeEndpoints.Path + "/1")
            seen.Add(await SendAsync(method, PurgeEndpoints.Path + "/1000", "", Admin.Key));
        node.State.Purges = null;
        seen.Add(await SendAsync(method, path, body, Admin.Key));
        await using var busy = await AdminNode.StartAsync(Keys, rate: 1);
        var last = 0;
        for (var i = 0; i < 100 && last != 429; i++)
            last = await SendAsync(method, path, body, Admin.Key, at: busy);
        seen.Add(last);
        Assert.Equal(Described.StatusesOf(route).Except([(int)HttpStatusCode.Accepted]).Order(), seen); // that is a fleet's: a node alone is never pending (WaitTests see it)

        async Task<int> SendAsync(HttpMethod method, string path, string body, string key, string field = "", AdminNode? at = null)
        {
            using var client = new HttpClient { BaseAddress = (at ?? node).Address };
            using var request = new HttpRequestMessage(method, path) { Content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json") };
            if (key.Length > 0)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            if (field.Split(": ", 2) is [var name, var value])
                request.Headers.Add(name, value);
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Described.Check(answer);
            if (!answer.IsSuccessStatusCode)
                await CheckProblemAsync(answer);
            return (int)answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("GET", "/api/v1/purge", 404, "There is no /api/v1/purge here. /api/v1/openapi.json has all there is.")]
    [InlineData("POST", "/api/v2/purges", 404, "There is no /api/v2/purges here. /api/v1/openapi.json has all there is.")]
    [InlineData("POST", "/client/v4/zones/z/purge", 404, "There is no /client/v4/zones/z/purge here. /api/v1/openapi.json has all there is.")]
    [InlineData("PUT", "/api/v1/purges/1", 405, "PUT is not for /api/v1/purges/1. Use GET; /api/v1/openapi.json has them all.")]
    [InlineData("DELETE", "/api/v1/purges", 405, "DELETE is not for /api/v1/purges. Use GET, POST; /api/v1/openapi.json has them all.")]
    [InlineData("GET", "/service/s/purge_all", 405, "GET is not for /service/s/purge_all. Use POST; /api/v1/openapi.json has them all.")]
    public async Task Where_there_is_no_route_it_is_a_problem_too(string method, string path, int status, string detail)
    {
        await using var node = await AdminNode.StartAsync();
        using var client = new HttpClient { BaseAddress = node.Address };
        using var answer = await client.SendAsync(new(new(method), path), TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(detail, await CheckProblemAsync(answer));
        Assert.Equal(status == 405, answer.Content.Headers.Allow.Count > 0);
    }

    private static async Task<string> CheckProblemAsync(HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal((int)answer.StatusCode, problem.RootElement.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.RootElement.GetProperty("title").GetString()!);
        return problem.RootElement.GetProperty("detail").GetString()!;
    }
}
