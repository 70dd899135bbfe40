using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Pages of a versioned origin as an edge answers them.</summary>
internal static class Pages
{
    /// <summary>The version that this edge shows, in a page that is whole and of that key.</summary>
    public static async Task<long> VersionAsync(this FleetNode node, int key) => VersionOf(await node.ReadAsync(key), key);

    public static long VersionOf(RawAnswer answer, int key)
    {
        Assert.True(answer is { Status: 200, EndedCleanly: true }, answer.ToString());
        var page = VersionedPage.Parse(answer.Body);
        Assert.True(page is not null && page.Key == key, answer.Text);
        return page.Version;
    }

    public static PurgeReply MustBeComplete(this PurgeReply reply)
    {
        Assert.True(reply.IsComplete, $"{reply.Status} {reply.Text}");
        return reply;
    }
}
