using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Purges;

/// <summary>One edge in front of one scripted origin, for all purge scenarios.</summary>
public sealed class PurgeEdge : IAsyncLifetime
{
    private EdgeProcess? _edge;

    public ScriptOrigin Origin { get; } = ScriptOrigin.Start();

    public EdgeProcess Edge => _edge ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() => _edge = await EdgeProcess.StartAsync(Origin.Url);

    public async Task<RawAnswer> PurgeAsync(string target, params string[] fieldLines)
    {
        await using var client = await Edge.ConnectAsync();
        return await client.RequestAsync("PURGE", target, fieldLines);
    }

    /// <summary>Fetches the target and sees that it is stored.</summary>
    public async Task StoreAsync(string target, params string[] fieldLines)
    {
        Assert.Equal(200, (await Edge.GetAsync(target, fieldLines)).Status);
        Assert.True((await Edge.GetAsync(target, fieldLines)).IsHit(), $"{target} was not stored");
    }

    public async ValueTask DisposeAsync()
    {
        if (_edge is not null)
            await _edge.DisposeAsync();
        await Origin.DisposeAsync();
    }
}
