using System.Net;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Admin;

public sealed class AccessGateTests
{
    private static readonly (string Key, string Hash) Reader = ApiKey.Make();

    /// <summary>W3C Fetch Metadata §2.4: an image of another site's page has no Origin, and this. A page cannot set it.</summary>
    [Theory]
    [InlineData("cross-site", false)]
    [InlineData("same-site", false)] // another port of this machine
    [InlineData("same-origin", true)]
    [InlineData("none", true)] // written into the address bar
    [InlineData("none, cross-site", false)]
    public async Task Without_keys_no_image_or_link_of_another_site_reaches_it(string site, bool isAnswered)
    {
        await using var node = await AdminNode.StartAsync();
        using var client = new HttpClient { BaseAddress = node.Address };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Sec-Fetch-Site", site);
        foreach (var path in (string[])["/api/v1/explain?ask=true&url=http%3A%2F%2Fshop.example%2F", "/api/v1/purges"])
        {
            using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(isAnswered ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Fact]
    public async Task With_keys_the_key_is_the_proof()
    {
        await using var node = await AdminNode.StartAsync(new ApiKeys([new("reader", ApiKey.HashOf(Reader.Key), Scope.Read)]));
        using var client = new HttpClient { BaseAddress = node.Address };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Sec-Fetch-Site", "cross-site");
        client.DefaultRequestHeaders.Authorization = new("Bearer", Reader.Key);
        using var answer = await client.GetAsync("/api/v1/purges", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
