using DistCache.Edge.Node;

namespace DistCache.Edge.Configuration;

/// <summary>Whether what the files say is what is in force; for health and metrics. Written by <see cref="ConfigurationReload"/>, read by anybody.</summary>
internal sealed class ConfigurationHealth(TimeProvider time) : IHealthDetail
{
    private volatile State _state = new(time.GetUtcNow(), [], 0, 0);

    /// <summary>When the configuration in force was taken.</summary>
    public DateTimeOffset LastGoodAt => _state.LastGoodAt;

    /// <summary>Why the files as they are now were not taken; empty while they are in force.</summary>
    public IReadOnlyList<string> Errors => _state.Errors;

    string IHealthDetail.Name => "configuration";

    IReadOnlyList<string> IHealthDetail.Problems => Errors;

    public bool IsGood => _state.Errors.Count == 0;

    /// <summary>Reloads since start that were taken.</summary>
    public long Taken => _state.Taken;

    /// <summary>Reloads since start that were not.</summary>
    public long Rejected => _state.Rejected;

    public void Take() => _state = new(time.GetUtcNow(), [], _state.Taken + 1, _state.Rejected);

    /// <summary>The files are again what is in force: a mistake was taken back.</summary>
    public void Restore() => _state = _state with { Errors = [] };

    public void Reject(IReadOnlyList<string> errors) => _state = _state with { Errors = errors, Rejected = _state.Rejected + 1 };

    private sealed record State(DateTimeOffset LastGoodAt, IReadOnlyList<string> Errors, long Taken, long Rejected);
}
