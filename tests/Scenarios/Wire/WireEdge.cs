using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Wire;

/// <summary>
/// One edge and one byte-logging origin for all rows. The origin's usual answer names the target that it was asked for, and is fresh
/// for a minute: a poisoned key would show.
/// </summary>
public sealed class WireEdge : IAsyncLifetime
{
    private EdgeProcess? _edge;

    public ScriptOrigin Origin { get; } = ScriptOrigin.Start();

    public EdgeProcess Edge => _edge ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync()
    {
        Origin.Others.Answer(request => request.Method == "HEAD"
            ? Answers.Head("200 OK", "Cache-Control: max-age=60")
            : Answers.Ok($"clean {request.Target}", "Cache-Control: max-age=60"));
        _edge = await EdgeProcess.StartAsync(new EdgeStart { Origin = Origin.Url, Preset = "rfc9111", Tls = true });
    }

    /// <summary>Runs one row and gives what reached the origin meanwhile; then a clean GET must be answered as ever.</summary>
    public async Task<IReadOnlyList<OriginRequest>> RunAsync(Func<Task> row)
    {
        var before = Origin.Log.All.Count;
        await row();
        var reached = Origin.Log.All.Skip(before).ToList();
        Assert.False(Edge.Process.HasExited, Edge.Process.Output);
        var probe = await Edge.GetAsync("/probe");
        Assert.Equal((200, "clean /probe"), (probe.Status, probe.Text));
        return reached;
    }

    public async ValueTask DisposeAsync()
    {
        if (_edge is not null)
            await _edge.DisposeAsync();
        await Origin.DisposeAsync();
    }
}
