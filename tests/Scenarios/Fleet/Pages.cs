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

    /// <summary>
    /// What the first edge fetches the second does not. It is written behind the answer, and a purge of all pages may come between: then another page soon
    /// shows it.
    /// </summary>
    /// <returns>A page of which both have the same.</returns>
    public static async Task<int> SharedPageAsync(this EdgeFleet fleet, Func<int> nextKey)
    {
        var key = 0;
        await Eventually.TrueAsync(async () =>
        {
            key = nextKey();
            await fleet.Nodes[0].VersionAsync(key);
            await Task.Delay(20, TestContext.Current.CancellationToken);
            await fleet.Nodes[1].VersionAsync(key);
            return fleet.Origin.Log.For(VersionedPage.TargetOf(key)).Count == 1;
        });
        return key;
    }

    public static PurgeReply MustBeComplete(this PurgeReply reply)
    {
        Assert.True(reply.IsComplete, $"{reply.Status} {reply.Text}");
        return reply;
    }
}
