namespace DistCache.Proxy.Tests.Requests;

/// <summary>A gate of one test's own: its origin log holds that test's requests only.</summary>
internal sealed class GateFixtureScope : IAsyncDisposable
{
    private GateFixture? fixture;

    public async Task<GateFixture> StartAsync(GateFixture? configured = null)
    {
        fixture = configured ?? new GateFixture();
        await fixture.InitializeAsync();
        return fixture;
    }

    public async ValueTask DisposeAsync()
    {
        if (fixture is not null)
            await fixture.DisposeAsync();
    }
}
